"""Partage les tests entre des machines : le plus long d'abord, au paquet le moins chargé (LPT).

Un exemple dure ce que dit le registre. Les autres tests restent ensemble, fichier par fichier, parce qu'ils partagent
des préparations (le site construit, des serveurs) ; `tests/durations.json` garde leurs durées, que mesure
`make test ARGS="--sans-cache --noter-durees"`. Ce qui n'a jamais été mesuré compte pour la moyenne de ces fichiers.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache

import yaml

from proof import ledger
from proof.project import ROOT, scripts

WORKFLOW = ROOT / ".github/workflows/verify.yml"
DURATIONS = ROOT / "tests/durations.json"
EXAMPLE = re.compile(r"test_examples\.py::test_\w+\[([\w/]+/\w+)\]$")


def unit(nodeid: str) -> str:
    """Ce qui va d'un bloc sur une machine : un exemple (ou son carnet), ou tout un fichier de tests."""
    return nodeid if EXAMPLE.search(nodeid) else nodeid.split("::")[0]


@cache
def examples() -> dict[str, float]:
    """Durée publiée de chaque exemple déjà exécuté, en secondes."""
    known = [script for script in scripts(ROOT) if (script.outputs / "ledger.json").is_file()]
    return {script.key: ledger.read(script)["duration"] for script in known}


def measured() -> dict[str, float]:
    """Durée mesurée de chaque fichier de tests, en secondes."""
    data: dict[str, float] = json.loads(DURATIONS.read_text(encoding="utf-8"))
    return data


def weigh(units: Iterable[str]) -> dict[str, float]:
    """Durée attendue de chaque unité, en secondes ; la moyenne des fichiers pour une unité jamais mesurée."""
    files = measured()
    mean = sum(files.values()) / len(files)
    weights = {}
    for name in units:
        example = EXAMPLE.search(name)
        weights[name] = examples().get(example[1], mean) if example else files.get(name, mean)
    return weights


def split(weights: Mapping[str, float], n_parts: int) -> list[list[str]]:
    """Unités de chaque paquet ; toute machine qui le calcule trouve le même partage."""
    parts: list[list[str]] = [[] for _ in range(n_parts)]
    loads = [0.0] * n_parts
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        lightest = loads.index(min(loads))
        parts[lightest].append(name)
        loads[lightest] += weights[name]
    return parts


def imbalance(weights: Mapping[str, float], parts: list[list[str]]) -> float:
    """Charge du paquet le plus lourd, en proportion du paquet moyen."""
    loads = [sum(weights[name] for name in part) for part in parts]
    return max(loads) / (sum(loads) / len(loads))


def parse(text: str) -> tuple[int, int]:
    """`2/3` → (2, 3) ; lève ArgumentTypeError si ce n'est pas K/N, avec K entre 1 et N."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if not found or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"{text} : écrire K/N, avec K entre 1 et N ; par exemple 1/3")
    return int(found[1]), int(found[2])


def select(part: tuple[int, int], nodeids: Iterable[str]) -> set[str]:
    """Unités de la K-ième des N parts."""
    number, n_parts = part
    return set(split(weigh({unit(nodeid) for nodeid in nodeids}), n_parts)[number - 1])


def in_workflow() -> int:
    """Nombre de parts de l'intégration continue."""
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return len(jobs["parts"]["strategy"]["matrix"]["part"])


def record(durations: Mapping[str, float]) -> None:
    """Garde les durées mesurées des fichiers de tests, à la place des anciennes."""
    files = {name: round(seconds, 1) for name, seconds in durations.items() if not EXAMPLE.search(name)}
    kept = (measured() if DURATIONS.is_file() else {}) | files
    kept = {name: kept[name] for name in sorted(kept) if (ROOT / name).is_file()}
    DURATIONS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
