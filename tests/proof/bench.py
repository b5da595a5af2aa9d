"""`make bench` : rapports mesurés dans une même exécution, chacun contre une référence nommée.

1. Poids d'une page de carnet : la nôtre, contre ce que mkdocs-jupyter écrit avec ses réglages par défaut.
2. Coût de l'observation : un exemple dans le bac à sable, contre le même script lancé nu.

Les mesures brutes vont dans `tests/bench.json`. Pour relancer : `make bench`.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from mkdocs_jupyter.convert import nb2html

from proof import notebook, runner, site
from proof.project import ROOT, Script, scripts

RESULTS = ROOT / "tests/bench.json"
REPEATS = 3
OBSERVED = "mnist_mlp/with_pytorch"


def notebook_weight(script: Script, folder: Path) -> dict[str, Any]:
    """Octets compressés de la page de carnet publiée, et du fragment par défaut de mkdocs-jupyter."""
    built = site.build(ROOT, folder / "site")
    page = (built / str(script.manifest["notebook"])).with_suffix(".html").read_bytes()
    default = nb2html(str(notebook.notebook_path(script))).encode()
    ours, reference = len(gzip.compress(page)), len(gzip.compress(default))
    return {
        "référence": "fragment écrit par mkdocs-jupyter avec ses réglages par défaut, sans l'habillage du site",
        "référence_octets_gzip": reference,
        "page_entière_octets_gzip": ours,
        "rapport": round(reference / ours, 2),
    }


def run_bare(script: Script, folder: Path) -> float:
    """Durée du script lancé nu, en secondes, interpréteur compris."""
    folder.mkdir()
    program = folder / "script.py"
    program.write_text(script.source, encoding="utf-8")
    env = runner.sandbox_environment(folder, script.manifest.get("data", [])) | {"PROOF_FIGURES": str(folder)}
    env["MPLBACKEND"] = "svg"
    began = time.perf_counter()
    subprocess.run([sys.executable, str(program)], cwd=folder, env=env, check=True, capture_output=True)
    return time.perf_counter() - began


def run_observed(script: Script, folder: Path) -> float:
    """Durée de la même exécution dans le bac à sable, en secondes."""
    folder.mkdir()
    began = time.perf_counter()
    runner.execute(script, folder)
    return time.perf_counter() - began


def observation_cost(script: Script, folder: Path) -> dict[str, Any]:
    """Durées nues et observées, en alternance, et rapport de leurs médianes."""
    bare, observed = [], []
    for number in range(REPEATS):
        print(f"  essai {number + 1} sur {REPEATS}…", flush=True)
        bare.append(run_bare(script, folder / f"nu-{number}"))
        observed.append(run_observed(script, folder / f"vu-{number}"))
    return {
        "référence": f"{script.key} lancé nu",
        "nu_secondes": [round(s, 2) for s in bare],
        "observé_secondes": [round(s, 2) for s in observed],
        "rapport": round(statistics.median(observed) / statistics.median(bare), 2),
    }


def main() -> int:
    """Mesure, affiche les rapports et garde les mesures brutes."""
    script = next(s for s in scripts(ROOT) if s.key == OBSERVED)
    with tempfile.TemporaryDirectory(prefix="mesure-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        results: dict[str, Any] = {
            "date": date.today().isoformat(),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs",
            "python": platform.python_version(),
            "carnet": notebook_weight(script, folder),
            "observation": observation_cost(script, folder),
        }
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"Carnet : {results['carnet']['rapport']} fois plus léger que la référence.")
    print(f"Observation : {results['observation']['rapport']} fois la durée nue.")
    print(f"Mesures brutes : {RESULTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
