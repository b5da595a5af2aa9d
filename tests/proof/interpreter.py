"""Lance une demande au bac à sable (voir `sandbox/run_script.py`), dans un interpréteur neuf.

Importer TensorFlow, PyTorch ou scikit-learn coûte plus que bien des exemples. Sous Linux, un processus importe ces
bibliothèques, puis se dédouble (`fork`) pour chaque script qui les importe aussi : rien d'autre n'a eu lieu dans la
mémoire du script, et un nom qu'il n'importe pas lui reste inconnu.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from proof.project import ROOT, Script

RUN_SCRIPT = Path(__file__).with_name("sandbox") / "run_script.py"
# Ce qu'un même processus importe d'avance ; le premier nom est celui d'une bibliothèque du script.
PRELOADED = {
    "keras": ["keras"],  # importe déjà scikit-learn et Matplotlib
    "torch": ["torch"],
    "torchvision": ["torch", "torchvision", "sklearn.datasets", "matplotlib.pyplot"],
    "sklearn": ["sklearn.datasets", "matplotlib.pyplot"],
}
BARE_IMPORT = re.compile(
    r"^\s*import (?:.*, *)?(?:sklearn|matplotlib|scipy|PIL|pandas)(?: as \w+)? *(?:,|#|$)", re.MULTILINE
)
ENVIRONMENT = re.compile(r"os\.environ|import environ|putenv")  # mais pas « environ » dans une phrase
COMPANIONS = {"torchvision", "sklearn", "matplotlib"}  # avec PyTorch, un seul processus les a toutes
PARENTS: dict[str, subprocess.Popen[bytes]] = {}
HOME = ROOT / ".cache" / "interpreter"  # dossier personnel du temps de l'importation


@dataclass(frozen=True)
class Outcome:
    """Code de sortie d'un interpréteur, et ce qu'il a écrit sur l'erreur standard."""

    returncode: int
    stderr: str


def preloadable(script: Script, modules: set[str]) -> str | None:
    """Entrée de PRELOADED à importer d'avance ; aucune si l'environnement du script compte avant l'importation."""
    weights = "mobilenet_keras" in script.manifest.get("data", [])  # Keras lit KERAS_HOME en s'important
    if sys.platform != "linux" or weights or script.module_names or ENVIRONMENT.search(script.source):
        return None
    if BARE_IMPORT.search(script.source):  # `import sklearn` seul, puis `sklearn.datasets` : faux chez le lecteur
        return None
    if {"keras", "tensorflow"} & modules:
        return "keras"
    if {"torch", "torchvision"} & modules:
        return "torchvision" if COMPANIONS & modules else "torch"
    return "sklearn" if {"sklearn", "matplotlib"} & modules else None


def parent(library: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Processus qui a importé PRELOADED[`library`] et se dédouble à chaque demande ; il s'arrête avec celui-ci."""
    if library not in PARENTS:
        HOME.mkdir(parents=True, exist_ok=True)
        home = {name: str(HOME) for name in ("HOME", "TMPDIR", "KERAS_HOME", "TORCH_HOME")}
        PARENTS[library] = subprocess.Popen(
            [sys.executable, str(RUN_SCRIPT), "--preload", *PRELOADED[library]],
            env=env | home | {"PROOF_NETWORK_LOG": str(HOME / "network.log")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # `select` doit voir tout ce qui reste à lire
        )
    return PARENTS[library]


def run(request: Path, cwd: Path, env: dict[str, str], library: str | None, limit: int) -> Outcome:
    """Exécute la demande dans `cwd` avec `env`, `library` importée d'avance ; TimeoutExpired après `limit` s."""
    if library is None:
        done = subprocess.run(
            [sys.executable, str(RUN_SCRIPT), str(request)],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
        )
        return Outcome(done.returncode, done.stderr)
    process = parent(library, env)
    errors = request.with_suffix(".stderr")
    order = {"request": str(request), "cwd": str(cwd), "env": env, "stderr": str(errors)}
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    pid = int(process.stdout.readline())
    if not select.select([process.stdout], [], [], limit)[0]:
        os.killpg(pid, signal.SIGKILL)
        process.stdout.readline()
        raise subprocess.TimeoutExpired(str(request), limit)
    returncode = int(process.stdout.readline())
    return Outcome(returncode, errors.read_text(encoding="utf-8", errors="replace"))
