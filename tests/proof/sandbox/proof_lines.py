"""Relève les lignes exécutées du script, dans son processus et dans ceux qu'il lance.

Un processus fils est suivi dès son démarrage (voir `sitecustomize.py`) et après chaque `fork` ; il écrit ce qu'il a
vu deux fois par seconde : un ouvrier tué net compte aussi.
"""

import atexit
import builtins
import os
import sys
import threading
from pathlib import Path
from typing import Any

import coverage

PERIOD = 0.5  # secondes entre deux écritures d'un processus fils
plain_import = builtins.__import__


watched: set[str] = set()


def import_untraced(name: str, *args: Any, **options: Any) -> Any:
    """`import`, sans suivre les lignes des bibliothèques : les charger prend moins de temps."""
    if name in watched:
        return plain_import(name, *args, **options)
    tracing = sys.gettrace()
    sys.settrace(None)
    try:
        return plain_import(name, *args, **options)
    finally:
        sys.settrace(tracing)


def watch(sources: list[str], data_file: str | None = None) -> coverage.Coverage:
    """Commence à relever les lignes exécutées de `sources` ; rend de quoi arrêter et lire."""
    tracer = coverage.Coverage(data_file=data_file, config_file=False, include=sources)
    tracer.set_option("run:disable_warnings", ["no-data-collected", "trace-changed"])
    watched.update(Path(source).stem for source in sources)
    builtins.__import__ = import_untraced
    tracer.start()
    return tracer


def watch_child() -> None:
    """Suit ce processus fils jusqu'à sa fin, même brutale."""
    inherited = coverage.Coverage.current()
    if inherited is not None:  # né d'un `fork` : le relevé de son père n'est pas le sien
        inherited.stop()
    owner = os.getpid()
    tracer = watch(os.environ["PROOF_SOURCES"].split(os.pathsep), f"{os.environ['PROOF_LINES']}/{owner}")

    def save_regularly() -> None:
        while not finished.wait(PERIOD):
            tracer.save()

    def finish() -> None:
        if os.getpid() != owner:
            return
        finished.set()
        keeper.join()
        tracer.stop()
        tracer.save()

    finished = threading.Event()
    keeper = threading.Thread(target=save_regularly, daemon=True)
    keeper.start()
    atexit.register(finish)


def lines_seen_by_children(folder: str, source: str) -> set[int]:
    """Lignes de `source` exécutées par les processus fils qui ont écrit dans `folder`."""
    seen: set[int] = set()
    for path in Path(folder).glob("[0-9]*"):
        if path.suffix:
            continue  # journal d'une écriture interrompue
        data = coverage.CoverageData(basename=str(path))
        data.read()
        seen |= set(data.lines(source) or [])
    return seen
