"""Exécute un script comme `python script.py`, et relève ce qui s'est passé.

Usage : python run_script.py DEMANDE.json ; la demande donne `script`, `sections` (nom → lignes), `measures`
(noms de variables) et `result` (fichier JSON à écrire).
"""

import builtins
import io
import json
import math
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage


def import_untraced(*args: Any, **options: Any) -> Any:
    """`import`, sans suivre les lignes des bibliothèques : les charger prend moitié moins de temps."""
    tracing = sys.gettrace()
    sys.settrace(None)
    try:
        return plain_import(*args, **options)
    finally:
        sys.settrace(tracing)


plain_import = builtins.__import__


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
    tracer = coverage.Coverage(data_file=None, config_file=False, include=[script])
    stdout, sys.stdout = sys.stdout, output
    began = time.perf_counter()
    builtins.__import__ = import_untraced
    tracer.start()
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
        builtins.__import__ = plain_import
        sys.stdout = stdout
    duration = time.perf_counter() - began
    _, statements, _, missing, _ = tracer.analysis2(script)
    result = {
        "texts": output.texts,
        "error": error,
        "duration": round(duration, 1),
        "statements": statements,
        "missing": missing,
        "measures": {},
    }
    if error is None:
        result["measures"] = {n: measure(main_module.__dict__[n]) for n in request["measures"]}
    Path(request["result"]).write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
