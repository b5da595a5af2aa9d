"""Exécute un script comme `python script.py`, et relève ce qui s'est passé.

Usage : python run_script.py DEMANDE.json ; la demande donne `script`, `modules` (nom → fichier du projet importé par le
script), `sections` (nom → lignes), `measures` (noms de variables), `children` (dossier où les processus fils écrivent
les lignes qu'ils exécutent) et `result` (fichier JSON à écrire).

`python run_script.py --preload BIBLIOTHÈQUE…` les importe, puis lit des demandes sur l'entrée standard (voir
`interpreter.py`) et se dédouble pour chacune.
"""

import atexit
import gc
import io
import json
import math
import os
import sys
import tempfile
import threading
import time
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import proof_lines


class Sections(ModuleType):
    """Module `proof_section` : dit dans quelle section du script on se trouve."""

    def __init__(self, script: str, ranges: dict[str, list[int]]) -> None:
        super().__init__("proof_section")
        self.script, self.ranges, self.last = script, ranges, next(iter(ranges))

    def current(self) -> str:
        """Section de l'instruction de premier niveau en cours, ou la dernière connue."""
        line = 0
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename == self.script:
                line = frame.f_lineno
            frame = frame.f_back
        for name, (first, last) in self.ranges.items():
            if first <= line <= last:
                self.last = name
        return self.last


class SectionOutput(io.TextIOBase):
    """Sortie standard qui range chaque texte dans sa section."""

    def __init__(self, sections: Sections) -> None:
        self.sections = sections
        self.texts: dict[str, str] = {}

    def write(self, text: str) -> int:
        """Ajoute le texte à la sortie de la section en cours."""
        name = self.sections.current()
        self.texts[name] = self.texts.get(name, "") + text
        return len(text)


def measure(value: Any) -> int | float:
    """Nombre Python fini tiré d'une variable (nombre, tableau ou tenseur à un élément)."""
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
        raise TypeError(f"une mesure doit être un nombre fini, pas {number!r}")
    return number


def short_traceback(failure: BaseException, frames: list[traceback.FrameSummary]) -> str:
    """La trace que Python affiche, sans les lignes internes aux bibliothèques."""
    lines = ["Traceback (most recent call last):"]
    for frame in frames:
        lines += [f'  File "{Path(frame.filename).name}", line {frame.lineno}, in {frame.name}', f"    {frame.line}"]
    if len(frames) < len(traceback.extract_tb(failure.__traceback__)) - 1:  # la première est celle du bac à sable
        lines.append("  […]")
    return "\n".join(lines) + "\n" + "".join(traceback.format_exception_only(failure))


def main(request_file: str) -> int:
    """Exécute la demande ; rend 0 si le script a réussi, 1 s'il a levé une exception."""
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    script = request["script"]
    source = Path(script).read_text(encoding="utf-8")
    sections = Sections(script, request["sections"])
    sys.modules["proof_section"] = sections
    main_module = ModuleType("__main__")
    main_module.__file__ = script
    main_module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main_module
    sys.argv = [script]
    sys.path[0] = str(Path(script).parent)
    output = SectionOutput(sections)
    error: dict[str, Any] | None = None
    sources = [script, *request["modules"].values()]
    os.environ |= {"PROOF_LINES": request["children"], "PROOF_SOURCES": os.pathsep.join(sources)}
    stdout, sys.stdout = sys.stdout, output
    began = time.perf_counter()
    tracer = proof_lines.watch(sources)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=proof_lines.watch_child)
    try:
        exec(compile(source, script, "exec"), main_module.__dict__)
    except BaseException as failure:
        frames = [f for f in traceback.extract_tb(failure.__traceback__) if f.filename == script]
        error = {
            "type": type(failure).__name__,
            "text": "".join(traceback.format_exception_only(failure)).strip(),
            "line": frames[-1].lineno if frames else getattr(failure, "lineno", 0),
        }
        where = frames[0].lineno or 0 if frames else 0
        name = next((n for n, (first, last) in sections.ranges.items() if first <= where <= last), sections.last)
        output.texts[name] = output.texts.get(name, "") + short_traceback(failure, frames)
    finally:
        tracer.stop()
        sys.stdout = stdout
    duration = time.perf_counter() - began

    def lines(source: str) -> dict[str, list[int]]:
        _, statements, _, missing, _ = tracer.analysis2(source)
        unseen = set(missing) - proof_lines.lines_seen_by_children(request["children"], source)
        return {"statements": statements, "missing": sorted(unseen)}

    result = {
        "texts": output.texts,
        "error": error,
        "duration": round(duration, 1),
        "modules": {name: lines(source) for name, source in request["modules"].items()},
        "measures": {},
    } | lines(script)
    if error is None:
        result["measures"] = {n: measure(main_module.__dict__[n]) for n in request["measures"]}
    Path(request["result"]).write_text(json.dumps(result), encoding="utf-8")
    return 0


def preload(libraries: list[str]) -> int:
    """Importe les bibliothèques, puis exécute chaque demande dans un processus né de celui-ci."""
    for library in libraries:
        import_module(library)
    gc.freeze()  # le ramasse-miettes d'un script ne parcourt pas ces millions d'objets, qui ne sont pas à lui
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.environ.clear()
            os.environ.update(order["env"])
            os.chdir(order["cwd"])
            tempfile.tempdir = None  # il suit TMPDIR, qui vient de changer
            for name, stream in ((os.devnull, 0), (os.devnull, 1), (order["stderr"], 2)):
                os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), stream)
            code = main(order["request"])
            threading._shutdown()  # type: ignore[attr-defined]  # comme à la fin d'un interpréteur :
            atexit._run_exitfuncs()  # les fils finissent, ce qui doit l'être est appelé
            sys.stderr.flush()
            os._exit(code)  # défaire un à un les objets de TensorFlow prendrait une seconde
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(preload(sys.argv[2:]) if sys.argv[1] == "--preload" else main(sys.argv[1]))
