# --8<-- [start:imports]
"""La commande unique : python serve.py."""

import json
import logging
import logging.config
import os
import re
import signal
import sys
from datetime import UTC, datetime
from multiprocessing import get_context

from app import MAX_BYTES, create_app
from settings import SettingsError, read_settings

# --8<-- [end:imports]


# --8<-- [start:journal]
class JsonFormatter(logging.Formatter):
    """Une ligne de JSON par événement, facile à chercher et à compter."""

    def format(self, record):
        when = datetime.fromtimestamp(record.created, UTC)
        line = {
            "heure": when.isoformat(timespec="milliseconds"),
            "niveau": record.levelname,
            "processus": record.process,
            "message": record.getMessage(),
            **getattr(record, "details", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


class Anonymous(logging.Filter):
    """Ôte l'adresse du visiteur que Gunicorn écrirait."""

    def filter(self, record):
        record.msg = re.sub(r" from ip=\S+:", " :", str(record.msg))
        return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "filters": {"anonymous": {"()": Anonymous}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
        }
    },
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {
            "handlers": ["console"],
            "filters": ["anonymous"],
            "propagate": False,
        },
    },
}
# --8<-- [end:journal]


# --8<-- [start:start]
def start(settings):
    """L'application, ou un arrêt net si le modèle ne convient pas."""
    try:
        return create_app(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(4)


def try_model(settings):
    """Essaie le modèle dans un processus à part, et s'arrête s'il échoue."""
    trial = get_context("fork").Process(target=start, args=(settings,))
    trial.start()
    trial.join()
    if trial.exitcode:
        sys.exit(trial.exitcode)


# --8<-- [end:start]


# --8<-- [start:gunicorn]
def run_gunicorn(settings):
    """Plusieurs ouvriers : celui qui meurt est remplacé."""
    from gunicorn.app.base import BaseApplication  # absent de Windows

    options = {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "timeout": 60,
        "graceful_timeout": 30,  # le temps de finir, après l'ordre d'arrêt
        "control_socket_disable": True,
        "errorlog": os.devnull,  # `LOGGING` reçoit déjà ses messages
    }

    class Server(BaseApplication):
        def load_config(self):
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self):  # dans chaque ouvrier, avant sa première requête
            return start(settings)

    try_model(settings)  # un refus, et non un par ouvrier
    Server().run()


# --8<-- [end:gunicorn]


# --8<-- [start:waitress]
def run_waitress(settings):
    """Un seul processus, plusieurs fils : marche aussi sous Windows."""
    import waitress

    app = start(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        # Waitress lit tout avant Flask, qui refuse ce qui dépasse MAX_BYTES
        max_request_body_size=2 * MAX_BYTES,
    )


# --8<-- [end:waitress]

# --8<-- [start:main]
SERVERS = {"gunicorn": run_gunicorn, "waitress": run_waitress}


def main():
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        sys.exit(f"Réglage refusé. {error}")
    logging.config.dictConfig(LOGGING)
    logging.captureWarnings(True)
    SERVERS[settings.server](settings)


if __name__ == "__main__":
    main()
# --8<-- [end:main]
