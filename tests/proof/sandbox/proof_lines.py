"""Relève les lignes exécutées du script, dans son processus et dans ceux qu'il lance.

Le processus principal est suivi par `coverage`. Un processus fils l'est dès son démarrage (voir `sitecustomize.py`), et
note chaque ligne à l'instant où il l'exécute pour la première fois : un ouvrier tué net compte aussi.
"""

import builtins
import os
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import coverage

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


def watch(sources: list[str]) -> coverage.Coverage:
    """Commence à relever les lignes exécutées de `sources` ; rend de quoi arrêter et lire."""
    tracer = coverage.Coverage(data_file=None, config_file=False, include=sources)
    if sys.version_info >= (3, 12):  # Python note alors les lignes lui-même : un entraînement n'en est pas ralenti
        tracer.set_option("run:core", "sysmon")
    tracer.clear_exclude()  # toute ligne montrée compte, même sous « pragma: no cover »
    watched.update(Path(source).stem for source in sources)
    builtins.__import__ = import_untraced
    tracer.start()
    return tracer


def watch_child() -> None:
    """Suit ce processus fils jusqu'à sa fin, même brutale."""
    sources = os.environ["PROOF_SOURCES"].split(os.pathsep)
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        source = frame.f_code.co_filename
        if source not in sources:
            return None
        place = source, frame.f_lineno
        if place not in seen:
            seen.add(place)
            with Path(os.environ["PROOF_LINES"], str(os.getpid())).open("a", encoding="utf-8") as log:
                log.write(f"{frame.f_lineno} {source}\n")
        return trace

    watched.update(Path(source).stem for source in sources)
    builtins.__import__ = import_untraced
    threading.settrace(trace)
    sys.settrace(trace)


def lines_seen_by_children(folder: str, source: str) -> set[int]:
    """Lignes de `source` exécutées par les processus fils qui ont écrit dans `folder`."""
    texts = [path.read_text(encoding="utf-8") for path in Path(folder).iterdir()]
    places = [line.split(" ", 1) for text in texts for line in text.splitlines()]
    return {int(line) for line, file in places if file == source}
