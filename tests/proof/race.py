"""La course à 99 % sur MNIST : un CNN de tutoriel contre la recette de la leçon « Aller vite ».

Le chronomètre, dans le programme essayé, couvre la construction du modèle et l'entraînement, données déjà en mémoire,
avec tous les fils de la machine. Une variante est le script de la recette, un seul réglage changé.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from proof.project import ROOT, Fault, Script
from proof.runner import SINGLE_THREAD, sandbox_environment

SEEDS, VARIANT_SEEDS = range(5), range(3)
REFERENCE_SEEDS = range(2)  # des minutes par essai
GOAL = 0.99
REFERENCES = {"tensorflow": "keras_tutorial.py", "pytorch": "pytorch_tutorial.py"}
COMMON = {
    "images_entieres": {"MARGIN": "0"},
    "sans_lissage": {"SMOOTHING": "0.0"},
    "deux_fois_plus_de_canaux": {"CHANNELS": "(32, 64)"},
    "lots_de_64": {"BATCH_SIZE": "64"},
    "toutes_les_images": {"N_TRAIN": "55_000"},
}
VARIANTS: dict[str, dict[str, dict[str, str]]] = {
    "tensorflow": {"sans_tf_function": {"COMPILED": "False"}, "normalisation_de_keras": {"FUSED": "False"}} | COMMON,
    "pytorch": {"canaux_en_premier": {"MEMORY": "torch.contiguous_format"}} | COMMON,
}
EPILOGUE = """
import json
for seed, (_, accuracy, seconds) in zip(SEEDS, results):
    print(json.dumps({"graine": seed, "secondes": seconds, "exactitude": accuracy}))
"""


def variant(script: Script, **changes: str) -> str:
    """Script jusqu'à sa section `run`, réglages remplacés ; ValueError si un réglage n'y est pas une seule fois."""
    names = list(script.sections)
    text = "\n".join(script.section_text(name) for name in names[: names.index("run") + 1])
    for name, value in changes.items():
        text, count = re.subn(rf"^{name} = [^#\n]*", f"{name} = {value}", text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{script.key} : {count} réglages {name}, il en faut un")
    return text


def attempts(program: str, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Lance le programme ; rend ses essais, un par ligne JSON imprimée, ou lève RuntimeError."""
    path = folder / "essai.py"
    path.write_text(program, encoding="utf-8")
    env = {k: v for k, v in sandbox_environment(folder, ["mnist"]).items() if k not in SINGLE_THREAD}
    env |= {"PROOF_FIGURES": str(folder)}
    command = [sys.executable, str(path), *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"essai interrompu :\n{done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def check_fresh(root: Path) -> list[Fault]:
    """La course publiée est-elle celle de la recette publiée ?"""
    if not (root / "snippets/mnist_fast").is_dir():
        return []  # un projet sans recette n'a rien à courir
    results = json.loads((root / "tests/bench.json").read_text(encoding="utf-8"))
    return [
        Fault(
            f"snippets/mnist_fast/with_{framework}.py:1",
            "la recette a changé depuis sa dernière course (tests/bench.json)",
            "lancer make bench",
        )
        for framework in REFERENCES
        if results[f"course_{framework}"]["source"] != Script(root, "mnist_fast", f"with_{framework}").digest
    ]


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Médianes, nombre d'essais qui atteignent 99 %, et essais bruts."""
    return {
        "secondes": round(statistics.median(run["secondes"] for run in runs), 2),
        "exactitude": round(statistics.median(run["exactitude"] for run in runs), 4),
        "reussis": sum(run["exactitude"] >= GOAL for run in runs),
        "essais": runs,
    }


def race(framework: str, folder: Path) -> dict[str, Any]:
    """La course d'un framework : recette, référence, et une variante par astuce."""
    script = Script(ROOT, "mnist_fast", f"with_{framework}")
    reference = (ROOT / "tests/race" / REFERENCES[framework]).read_text(encoding="utf-8")

    def runs(label: str, seeds: range, **changes: str) -> dict[str, Any]:
        program = variant(script, SEEDS=str([*seeds]), **changes) + EPILOGUE
        return tell(label, attempts(program, folder))

    def tell(label: str, found: list[dict[str, Any]]) -> dict[str, Any]:
        each = ", ".join(f"{run['secondes']:.1f} s {run['exactitude']:.2%}" for run in found)
        print(f"  {framework}, {label} : {each}", flush=True)
        return summary(found)

    recipe = runs("recette", SEEDS)
    variants = {name: runs(name, VARIANT_SEEDS, **changes) for name, changes in VARIANTS[framework].items()}
    for entry in variants.values():
        entry["rapport"] = round(entry["secondes"] / recipe["secondes"], 2)
    slow = tell("tutoriel", [attempts(reference, folder, str(seed))[0] for seed in REFERENCE_SEEDS])
    base = {"nom": f"tests/race/{REFERENCES[framework]}"} | slow
    return {
        "source": script.digest,
        "rapport": round(base["secondes"] / recipe["secondes"], 1),
        "recette": recipe,
        "reference": base,
        "variantes": variants,
    }
