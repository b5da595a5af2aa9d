"""La course à 99 % sur MNIST : un CNN de tutoriel contre la recette de la leçon « Aller vite ».

Le chronomètre, dans le programme essayé, couvre la construction du modèle et l'entraînement, données déjà en mémoire,
avec tous les fils de la machine. Recette et tutoriel alternent : une machine qui ralentit les ralentit tous deux.
Une variante est le script de la recette, un seul réglage ou geste changé ; elle se compare à la recette courue juste
avant elle.

Le choix de la recette se juge à part, sur la validation seule : un allègement à la fois, dix graines chacun.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proof.project import ROOT, Fault, Script, sha256
from proof.runner import SINGLE_THREAD, sandbox_environment

TURNS = [(0, [0, 1, 2]), (1, [3, 4])]  # graine du tutoriel (des minutes par essai), puis graines de la recette
VARIANT_SEEDS = [0, 1, 2]
GOAL = 0.99
REFERENCES = {"tensorflow": "keras_tutorial.py", "pytorch": "pytorch_tutorial.py"}
COMMON = {
    "images_entieres": {"MARGIN": "0"},
    "sans_lissage": {"SMOOTHING": "0.0"},
    "pas_de_2": {"STRIDE": "2"},
    "deux_noyaux_5_5": {"KERNELS": "(5, 5)"},
    "deux_noyaux_3_3": {"KERNELS": "(3, 3)"},
    "deux_fois_plus_de_canaux": {"CHANNELS": "(32, 64)"},
    "lots_de_64": {"BATCH_SIZE": "64"},
    "toutes_les_images": {"N_TRAIN": "55_000"},
}
COMPILE = "    epoch = tf.function(epoch, autograph=False) if COMPILED else epoch\n    epoch()\n"
# La même époque par `fit` : mêmes images, même ordre, même optimiseur.
FIT = """\
    model.compile(optimizer, lambda labels, logits: loss_fn(tf.cast(labels, "int64"), logits))
    seen = order[: n_steps * BATCH_SIZE]
    model.fit(tf.gather(x_train, seen), tf.gather(y_train, seen), BATCH_SIZE, shuffle=False, verbose=0)
"""
CYCLE = """OneCycleLR(
        optimizer, MAX_RATE, n_steps, pct_start=0.3, cycle_momentum=False
    )"""
# Chaque essai compile pour de bon, comme le premier de la journée : rien n'est repris d'un essai d'avant.
NO_CACHE = """\
import time

import torch._dynamo
import torch._inductor.config

torch._inductor.config.force_disable_caches = True
"""
TORCH_COMPILE = """\
    torch._dynamo.reset()
    train(torch.compile(model))
"""
VARIANTS: dict[str, dict[str, dict[str, str]]] = {
    "tensorflow": {
        "sans_tf_function": {"COMPILED": "False"},
        "normalisation_de_keras": {"FUSED_NORM": "False"},
        "adam_ordinaire": {"FUSED_ADAM": "False"},
        "taux_constant": {"learning_rate=schedule": "learning_rate=0.001"},
        "sans_normalisation": {
            "            FusedNormalization(**norm),\n": "",
            "            layers.BatchNormalization(**norm),\n": "",
        },
        "fit": {COMPILE: FIT},
        "compilateur": {"autograph=False": "autograph=False, jit_compile=True"},
    }
    | COMMON,
    "pytorch": {
        "canaux_en_premier": {"MEMORY": "torch.contiguous_format"},
        "adam_ordinaire": {"fused=True": "fused=False"},
        "taux_constant": {CYCLE: "ConstantLR(optimizer, factor=1)"},  # celui d'Adam : 0,001
        "sans_normalisation": {
            "        nn.BatchNorm2d(first),\n": "",
            "        nn.BatchNorm2d(second),\n": "",
            "        nn.BatchNorm1d(HIDDEN),\n": "",
        },
        "compilateur": {"import time\n": NO_CACHE, "    train(model)\n": TORCH_COMPILE},
    }
    | COMMON,
}
EPILOGUE = """
import json
for seed, (validation, test, seconds) in zip(SEEDS, results):
    print(json.dumps({"graine": seed, "secondes": seconds, "exactitude": test}))
"""
CHOICE_SEEDS = list(range(10, 20))  # la course n'en emploie aucune
CHOICE_EPILOGUE = EPILOGUE.replace('"exactitude": test', '"exactitude": validation')
NO_HIDDEN_LAYER = {
    "tensorflow": """\
            layers.Dense(HIDDEN, **bare),
            layers.BatchNormalization(**norm),
            layers.ReLU(),
""",
    "pytorch": """\
        nn.Linear(second * side * side, HIDDEN, bias=False),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 10),
""",
}
OUTPUT_LAYER = {"tensorflow": "", "pytorch": "        nn.Linear(second * side * side, 10),\n"}
LIGHTER: dict[str, dict[str, dict[str, str]]] = {
    framework: {
        "sans_couche_cachee": {NO_HIDDEN_LAYER[framework]: OUTPUT_LAYER[framework]},
        "couche_cachee_de_64": {"HIDDEN": "64"},
        "pas_de_2": {"STRIDE": "2"},
        "moins_de_canaux": {"CHANNELS": "(8, 16)"},
        "moins_d_images": {"N_TRAIN": "28_000"},
    }
    for framework in REFERENCES
}


def variant(script: Script, **changes: str) -> str:
    """Script jusqu'à sa section `run`, modifié ; ValueError si un réglage ou un morceau de code n'y est pas.

    Un changement a pour nom un réglage (`MARGIN`), présent une fois, ou un morceau de code à remplacer partout.
    """
    names = list(script.sections)
    text = "\n".join(script.section_text(name) for name in names[: names.index("run") + 1])
    for name, value in changes.items():
        if not name.isupper() and name in text:
            text = text.replace(name, value)
            continue
        text, count = re.subn(rf"^{re.escape(name)} = .*?(?=  #|$)", f"{name} = {value}", text, flags=re.MULTILINE)
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


def reference_digest(root: Path, framework: str) -> str:
    """Empreinte du tutoriel contre lequel court la recette."""
    return sha256((root / "tests/race" / REFERENCES[framework]).read_text(encoding="utf-8").encode())


def check_fresh(root: Path) -> list[Fault]:
    """La course publiée est-elle celle de la recette publiée, contre la référence du dépôt, avec ces variantes ?"""
    if not (root / "snippets/mnist_fast").is_dir():
        return []  # un projet sans recette n'a rien à courir
    results = json.loads((root / "tests/bench.json").read_text(encoding="utf-8"))
    faults = []
    for framework, reference in REFERENCES.items():
        result, recipe = results[f"course_{framework}"], Script(root, "mnist_fast", f"with_{framework}")
        choice = results[f"choix_{framework}"]
        sources = {result["source"], choice["source"]}
        raced = {name: entry.get("reglages") for name, entry in result["variantes"].items()}
        judged = {name: entry["reglages"] for name, entry in choice["candidats"].items()}
        same_settings = raced == VARIANTS[framework] and judged == {"recette": {}} | LIGHTER[framework]
        checks = {
            f"snippets/mnist_fast/with_{framework}.py": ("la recette a", sources == {recipe.digest}),
            f"tests/race/{reference}": (
                "la référence a",
                result["reference"].get("source") == reference_digest(root, framework),
            ),
            "tests/proof/race.py": (f"les variantes de {framework} ont", same_settings),
            "tests/bench.json": (
                f"un résultat de {framework} a",
                follows_its_attempts(result) and summarized(choice["candidats"].values()),
            ),
        }
        faults += [
            Fault(f"{where}:1", f"{what} changé depuis sa dernière course (tests/bench.json)", "lancer make bench")
            for where, (what, same) in checks.items()
            if not same
        ]
    return faults


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Médianes, nombre d'essais qui atteignent 99 %, et essais bruts."""
    return {
        "secondes": round(statistics.median(run["secondes"] for run in runs), 2),
        "exactitude": round(statistics.median(run["exactitude"] for run in runs), 4),
        "reussis": sum(run["exactitude"] >= GOAL for run in runs),
        "essais": runs,
    }


def ratio(slow: list[dict[str, Any]], fast: list[dict[str, Any]]) -> float:
    """Combien de fois la recette va plus vite : à chaque tour, le tutoriel contre les recettes courues juste après.

    Rend la médiane des tours. De l'un à l'autre, la machine peut changer d'allure : un tour lent ne se compare pas à un
    tour rapide.
    """
    found: list[float] = []
    rest = list(fast)
    for reference, (_, seeds) in zip(slow, TURNS, strict=True):
        turn, rest = rest[: len(seeds)], rest[len(seeds) :]
        found.append(reference["secondes"] / statistics.median(run["secondes"] for run in turn))
    return round(statistics.median(found), 1)


def summarized(entries: Iterable[dict[str, Any]]) -> bool:
    """Chaque entrée publiée se recalcule-t-elle depuis ses essais bruts ?"""
    return all(summary(one["essais"]).items() <= one.items() for one in entries)


def follows_its_attempts(result: dict[str, Any]) -> bool:
    """Médianes et rapports publiés se recalculent-ils depuis les essais bruts ?"""
    reference, recipe, variants = result["reference"], result["recette"], result["variantes"].values()
    return (
        summarized((reference, recipe, *variants))
        and result["rapport"] == ratio(reference["essais"], recipe["essais"])
        and all(one["rapport"] == round(one["secondes"] / one["recette_secondes"], 2) for one in variants)
    )


def race(framework: str, folder: Path) -> dict[str, Any]:
    """La course d'un framework : recette, référence, et une variante par astuce."""
    script = Script(ROOT, "mnist_fast", f"with_{framework}")
    reference = (ROOT / "tests/race" / REFERENCES[framework]).read_text(encoding="utf-8")

    def tell(label: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        each = ", ".join(f"{run['secondes']:.1f} s {run['exactitude']:.2%}" for run in found)
        print(f"  {framework}, {label} : {each}", flush=True)
        return found

    def runs(label: str, seeds: list[int], **changes: str) -> list[dict[str, Any]]:
        return tell(label, attempts(variant(script, SEEDS=str(seeds), **changes) + EPILOGUE, folder))

    slow: list[dict[str, Any]] = []
    fast: list[dict[str, Any]] = []
    for reference_seed, seeds in TURNS:
        slow += tell("tutoriel", attempts(reference, folder, str(reference_seed)))
        fast += runs("recette", seeds)
    recipe, base = summary(fast), summary(slow)
    variants = {}
    for name, changes in VARIANTS[framework].items():
        beside = summary(runs("recette", VARIANT_SEEDS))["secondes"]
        entry = {"reglages": changes, "recette_secondes": beside} | summary(runs(name, VARIANT_SEEDS, **changes))
        variants[name] = entry | {"rapport": round(entry["secondes"] / beside, 2)}
    return {
        "source": script.digest,
        "rapport": ratio(slow, fast),
        "recette": recipe,
        "reference": {
            "nom": f"tests/race/{REFERENCES[framework]}",
            "source": reference_digest(ROOT, framework),
        }
        | base,
        "variantes": variants,
    }


def choose(framework: str, folder: Path) -> dict[str, Any]:
    """La recette et ses allègements, jugés par la seule validation : exactitude et durée de chaque graine."""
    script = Script(ROOT, "mnist_fast", f"with_{framework}")
    unchanged: dict[str, dict[str, str]] = {"recette": {}}
    candidates = {}
    for name, changes in (unchanged | LIGHTER[framework]).items():
        program = variant(script, SEEDS=str(CHOICE_SEEDS), **changes) + CHOICE_EPILOGUE
        candidates[name] = {"reglages": changes} | summary(attempts(program, folder))
        found = candidates[name]
        print(f"  {framework}, {name} : {found['exactitude']:.2%}, {found['reussis']} graines à 99 %", flush=True)
    return {"source": script.digest, "candidats": candidates}
