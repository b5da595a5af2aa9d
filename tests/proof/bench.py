"""`make bench` : rapports mesurés dans une même exécution, chacun contre une référence nommée.

1. Poids d'une page de carnet : la nôtre, contre ce que mkdocs-jupyter écrit avec ses réglages par défaut.
2. Coût de l'observation : un exemple dans le bac à sable, contre le même script lancé nu.
3. Temps pour atteindre 99 % sur MNIST : la recette du cours, contre un CNN de tutoriel, dans chaque framework ;
   et le choix de cette recette, contre ses allègements, sur la validation seule.
4. Partage des tests entre machines : le nôtre, contre des tranches de la liste, aux durées connues.
5. Une API d'images sous huit clients : chaque étape de la leçon « Intégration », contre l'API naïve.
6. Construction du site : `make build`, contre les mêmes pages par MkDocs et mkdocs-jupyter sans réglage.
7. Démo « Dessinez un chiffre » : la lecture d'une image dans la page, contre les cinq millisecondes qu'elle se permet.

Les mesures brutes vont dans `tests/bench.json`. Pour relancer : `make bench`, ou une seule
partie par son nom, `make bench ARGS=course_pytorch`.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from demos import PAGES, RUN_NETWORK, start_demo
from mkdocs_jupyter.convert import nb2html

from proof import browser, load, notebook, parts, race, runner, site
from proof.project import ROOT, Script, scripts

RESULTS = ROOT / "tests/bench.json"
REPEATS = 3
DEMO_IMAGES, DEMO_GOAL = 1000, 5.0  # images par essai ; millisecondes par image, au plus
OBSERVED = "mnist_mlp/with_pytorch"


def held(framework: str, choice: dict[str, Any]) -> str:
    """Phrase sur le choix de la recette : qui tient 99 % de la validation à toutes les graines."""
    names = [name for name, one in choice["candidats"].items() if one["reussis"] == len(one["essais"])]
    return f"Choix, {framework} : tiennent la ligne à toutes les graines : {', '.join(names) or 'aucun'}."


SUMMARIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "carnet": lambda found: f"Carnet : {found['rapport']} fois plus léger que la référence.",
    "observation": lambda found: f"Observation : {found['rapport']} fois la durée nue.",
    "parts": lambda found: f"Partage : déséquilibre {found['desequilibre']}, contre {found['reference']}.",
    "course_tensorflow": lambda found: f"Course, TensorFlow : {found['rapport']} fois plus vite que le tutoriel.",
    "course_pytorch": lambda found: f"Course, PyTorch : {found['rapport']} fois plus vite que le tutoriel.",
    "choix_tensorflow": lambda found: held("TensorFlow", found),
    "choix_pytorch": lambda found: held("PyTorch", found),
    "site": lambda found: f"Site : {found['rapport']} fois la durée de la référence.",
    "demo": lambda found: f"Démo du chiffre : {found['ms']} ms par image, {found['rapport']} fois moins que le but.",
    "charge": lambda found: (
        f"Charge : {found['etapes']['openvino']['rapport_debit']} fois le débit naïf, "
        f"{found['etapes']['huit_bits_bf16']['rapport_debit']} fois sur huit bits."
    ),
}


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


def plain_site(folder: Path) -> Path:
    """Écrit un projet MkDocs de mêmes pages, développées, aux réglages par défaut ; rend son mkdocs.yml."""
    config = site.load(ROOT)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.yml"))
    for name, text in site.expand(ROOT).items():
        (folder / name).write_text(text, encoding="utf-8")
    extensions = [name for name in config.markdown_extensions if name != "pymdownx.snippets"]
    plain = {
        "site_name": "référence",
        "theme": {"name": "material"},
        "plugins": ["search", "mkdocs-jupyter"],
        "markdown_extensions": [{name: config.mdx_configs.get(name, {})} for name in extensions],
    }
    path = folder / "mkdocs.yml"
    path.write_text(json.dumps(plain), encoding="utf-8")  # un fichier JSON est aussi un fichier YAML
    return path


def build_time(folder: Path) -> dict[str, Any]:
    """Durées de `make build` et de la référence, en alternance, et rapport de leurs médianes."""
    reference = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "-q",
        "-f",
        str(plain_site(folder)),
        "-d",
        str(folder / "site"),
    ]
    ours = [sys.executable, "tests/tasks.py", "build", "--", "-q", "-d", str(folder / "cours")]
    durations: dict[str, list[float]] = {"référence_secondes": [], "cours_secondes": []}
    for number in range(REPEATS):
        print(f"  essai {number + 1} sur {REPEATS}…", flush=True)
        for seconds, command in zip(durations.values(), (reference, ours), strict=True):
            began = time.perf_counter()
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            seconds.append(round(time.perf_counter() - began, 1))
    medians = [statistics.median(seconds) for seconds in durations.values()]
    return {
        "référence": "mkdocs build des mêmes pages développées, Material et mkdocs-jupyter sans réglage",
        "pages": len(list((folder / "cours").rglob("*.html"))),
        **durations,
        "rapport": round(medians[1] / medians[0], 2),
    }


def demo_time(folder: Path) -> dict[str, Any]:
    """Millisecondes que met la démo du chiffre, dans sa page, à lire une image : chaque essai, et leur médiane."""
    page_path = site.build(ROOT, folder / "site") / PAGES["chiffre"]
    pixels = base64.b64encode(random.Random(0).randbytes(DEMO_IMAGES * 28 * 28)).decode("ascii")
    with browser.launch() as chromium:
        page = chromium.new_page(**browser.READER)
        page.goto(page_path.as_uri())
        start_demo(page, "chiffre")
        tries = [page.evaluate(RUN_NETWORK, {"pixels": pixels, "damage": None}) for _ in range(REPEATS)]
    found = [round(one["milliseconds"], 3) for one in tries]
    median = statistics.median(found)
    return {
        "référence": f"{DEMO_GOAL:.0f} ms par image, le but de la démo",
        "navigateur": browser.version(),
        "images": DEMO_IMAGES,
        "essais_ms": found,
        "ms": round(median, 2),
        "rapport": round(DEMO_GOAL / median, 1),
    }


def balance() -> dict[str, Any]:
    """Charge des parts de l'intégration continue, prévue : les tests sont collectés, non exécutés."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-qq"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    nodeids = [line for line in done.stdout.splitlines() if "::" in line]
    weights = parts.weigh({parts.unit(nodeid) for nodeid in nodeids})
    ordered, n_parts = sorted(weights), parts.in_workflow()
    slices = [ordered[k * len(ordered) // n_parts : (k + 1) * len(ordered) // n_parts] for k in range(n_parts)]
    planned = parts.split(weights, n_parts)
    return {
        "référence": "autant de tranches de la liste alphabétique, de même nombre",
        "tests": len(nodeids),
        "unites": len(weights),
        "parts": n_parts,
        "minutes": round(sum(weights.values()) / 60, 1),
        "minutes_par_part": [round(sum(weights[name] for name in part) / 60, 1) for part in planned],
        "desequilibre": round(parts.imbalance(weights, planned), 3),
        "reference": round(parts.imbalance(weights, slices), 2),
    }


def main() -> int:
    """Mesure les parties demandées (toutes par défaut), affiche les rapports et garde les mesures brutes."""
    script = next(s for s in scripts(ROOT) if s.key == OBSERVED)
    tasks: dict[str, Callable[[Path], dict[str, Any]]] = {
        "parts": lambda folder: balance(),
        "carnet": lambda folder: notebook_weight(script, folder),
        "observation": lambda folder: observation_cost(script, folder),
        "course_tensorflow": lambda folder: race.race("tensorflow", folder),
        "course_pytorch": lambda folder: race.race("pytorch", folder),
        "choix_tensorflow": lambda folder: race.choose("tensorflow", folder),
        "choix_pytorch": lambda folder: race.choose("pytorch", folder),
        "demo": demo_time,
        "charge": load.measure,
        "site": build_time,
    }
    wanted = sys.argv[1:] or list(tasks)
    if unknown := set(wanted) - tasks.keys():
        print(f"partie inconnue : {', '.join(unknown)} ; choisir parmi {', '.join(tasks)}", file=sys.stderr)
        return 1
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in wanted:
        print(f"{name}…", flush=True)
        with tempfile.TemporaryDirectory(prefix="mesure-", ignore_cleanup_errors=True) as folder:
            results[name] = {
                "date": date.today().isoformat(),
                "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs",
                "python": platform.python_version(),
            } | tasks[name](Path(folder).resolve())
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        print(SUMMARIES[name](results[name]))
    print(f"Mesures brutes : {RESULTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
