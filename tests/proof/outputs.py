"""`make outputs` : exécute les exemples et enregistre leurs sorties.

`make outputs ARGS=mnist` ne prend que les exemples dont le nom contient ce mot ; `--sans-cache` rejoue tout.
"""

from __future__ import annotations

import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from proof import audit, exercises, inline, ledger, notebook, runner, site
from proof.project import ROOT, Script, check_layout, report, scripts

WORKERS = 2  # scripts exécutés de front


def record(script: Script, use_cache: bool) -> runner.RunFailure | None:
    """Exécute un script et enregistre ses sorties, et son carnet s'il en a un ; rend l'échec éventuel."""
    try:
        ledger.write(script, runner.run(script, use_cache))
        if "notebook" in script.manifest:
            notebook.write(script, notebook.run(script, use_cache))
    except runner.RunFailure as failure:
        return failure
    return None


def main() -> int:
    """Récrit les sorties de tous les exemples ; rend 1 si l'un échoue (ses sorties sont gardées)."""
    use_cache = "--sans-cache" not in sys.argv
    if faults := check_layout(ROOT):
        print(report(faults), file=sys.stderr)
        return 1
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    everything = [script for script in scripts(ROOT) if all(word in script.key for word in words)]
    began, failures = time.monotonic(), 0
    with ThreadPoolExecutor(WORKERS) as pool:
        results = pool.map(lambda script: record(script, use_cache), everything)
        for number, (script, failure) in enumerate(zip(everything, results, strict=True), 1):
            elapsed = timedelta(seconds=int(time.monotonic() - began))
            print(f"[{number}/{len(everything)}] {script.key} (écoulé : {elapsed})", flush=True)
            if failure is not None:
                failures += 1
                print(failure, file=sys.stderr)
    chosen = {script.key for script in everything}
    for module in exercises.modules(ROOT):
        if chosen & {exercise.script.key for exercise in module.exercises}:
            try:
                exercises.write(module, exercises.run(module, use_cache))
            except runner.RunFailure as failure:
                failures += 1
                print(failure, file=sys.stderr)
    for fault in inline.record(ROOT, site.expand(ROOT), use_cache) if not words else []:
        failures += 1
        print(report([fault]), file=sys.stderr)
    floor, count = ROOT / "tests/floor.toml", audit.proven_blocks(ROOT)
    text = floor.read_text(encoding="utf-8")
    kept = int(re.findall(r"proven_blocks = (\d+)", text)[0])
    floor.write_text(text.replace(f"= {kept}", f"= {max(kept, count)}"), encoding="utf-8")
    print(f"{len(everything) - failures} script(s) enregistré(s), {failures} échec(s), {count} blocs prouvés.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
