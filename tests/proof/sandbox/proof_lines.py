"""Relève les lignes exécutées du script, dans son processus et dans ceux qu'il lance.

Le processus principal est suivi par `coverage`. Un processus fils l'est dès son démarrage (voir `sitecustomize.py`), et
note chaque ligne à l'instant où il l'exécute pour la première fois : un ouvrier tué net compte aussi.
"""

from __future__ import annotations

import builtins
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    import coverage  # ici : un processus fils s'en passe

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

    def note(source: str, line: int) -> None:
        if (source, line) not in seen:
            seen.add((source, line))
            with Path(os.environ["PROOF_LINES"], str(os.getpid())).open("a", encoding="utf-8") as log:
                log.write(f"{line} {source}\n")

    if sys.version_info >= (3, 12):
        watch_by_events(sources, note)
    else:
        watch_by_trace(sources, note)


def watch_by_events(sources: list[str], note: Callable[[str, int], None]) -> None:
    """Python signale lui-même chaque ligne, une fois ; le code des bibliothèques n'est pas ralenti."""
    if sys.version_info < (3, 12):
        raise RuntimeError("sys.monitoring demande Python 3.12")
    monitoring, events = sys.monitoring, sys.monitoring.events
    tool = monitoring.PROFILER_ID  # un processus né par fork hérite aussi de `coverage`, sous COVERAGE_ID
    if monitoring.get_tool(tool) is not None:
        return  # né par fork d'un processus déjà suivi

    def start(code: CodeType, offset: int) -> object:
        if code.co_filename in sources:
            monitoring.set_local_events(tool, code, events.LINE)
        return monitoring.DISABLE

    def line(code: CodeType, number: int) -> object:
        note(code.co_filename, number)
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "preuve")
    monitoring.register_callback(tool, events.PY_START, start)
    monitoring.register_callback(tool, events.LINE, line)
    monitoring.set_events(tool, events.PY_START)


def watch_by_trace(sources: list[str], note: Callable[[str, int], None]) -> None:
    """Avant Python 3.12 : une fonction appelée à chaque ligne."""

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in sources:
            return None
        note(frame.f_code.co_filename, frame.f_lineno)
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
