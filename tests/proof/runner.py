"""Exécute un exemple une fois, dans un bac à sable : interpréteur neuf, dossier vide, réseau coupé.

Un succès est gardé dans `.cache/proof/` ; un échec ne l'est jamais.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from filelock import FileLock

from proof import interpreter, project
from proof.project import ROOT, Script, imported_modules, sha256

SANDBOX = Path(__file__).with_name("sandbox")
# Variables de la machine qui changent un calcul : elles entrent dans la clé du cache. KERAS_HOME et TORCH_HOME
# disent seulement où chercher des poids, et le bac à sable a les siennes.
RELEVANT = re.compile(r"OMP_|MKL_|OPENBLAS_|TF_|XLA_|KERAS_(?!HOME)|TORCH_(?!HOME)|PYTORCH_|ATEN_|ONEDNN_|DNNL_")
# Variables sans lesquelles un interpréteur ne démarre pas ; aucune autre n'entre dans le bac à sable.
NEEDED = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL")
# Secondes avant l’arrêt d’un exemple : dix fois ce qu’il a le droit de durer, pour les machines lentes ou chargées.
TIME_LIMIT = 600
# Un fil par calcul : le résultat ne dépend pas du nombre de cœurs, et deux exemples tournent de front sans se gêner.
SINGLE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
# Données qui sont des poids pré-entraînés : la variable par laquelle une bibliothèque trouve son cache.
WEIGHTS = {"mobilenet_keras": "KERAS_HOME", "mobilenet_torch": "TORCH_HOME"}
# Journaux natifs de TensorFlow sur une machine sans GPU : ils précèdent tout réglage possible.
NATIVE_LOG = re.compile(
    r"WARNING: All log messages before absl::InitializeLog"
    r"|[IWE]\d{4} .*(port\.cc|cudart_stub\.cc|cuda_platform\.cc|cpu_feature_guard\.cc)"
    r"|To enable the following instructions"
    r"|INFO: Created TensorFlow Lite XNNPACK delegate for CPU\."
)


class RunFailure(Exception):
    """Une exécution a échoué ; le message dit où, quoi et comment réparer."""


class MissingData(RunFailure):
    """Des données ne sont ni sur la machine ni téléchargeables : l'exemple ne peut pas tourner ici."""


@dataclass(frozen=True)
class Run:
    """Résultat d'une exécution réussie, rangé dans `folder`."""

    folder: Path
    cached: bool

    @property
    def ledger(self) -> dict[str, Any]:
        """Entrée de registre (voir `ledger.py`)."""
        data: dict[str, Any] = json.loads((self.folder / "ledger.json").read_text(encoding="utf-8"))
        return data

    @property
    def files(self) -> dict[str, Path]:
        """Sorties et figures : nom de fichier → chemin."""
        return {p.name: p for p in sorted(self.folder.iterdir()) if p.name != "ledger.json"}


@cache
def distributions() -> dict[str, list[str]]:
    """Module importable → noms des paquets installés qui le fournissent."""
    return dict(importlib.metadata.packages_distributions())


def versions(source: str) -> dict[str, str]:
    """Paquets que le source importe, et leur version installée (TensorFlow avec Keras)."""
    modules = imported_modules(source)
    if "keras" in modules:
        modules.add("tensorflow")
    names = {distributions()[m][0] for m in modules if m in distributions()}
    return {name: importlib.metadata.version(name) for name in sorted(names, key=str.lower)}


def cache_key(script: Script) -> str:
    """Tout ce dont le résultat dépend : code, sections, importations, données, verrou, Python, bac à sable, machine."""
    parts = [script.path.read_bytes(), (script.path.parent / "example.toml").read_bytes()]
    for path in script.files if script.module_names else []:
        parts += [path.relative_to(script.path.parent).as_posix().encode(), path.read_bytes()]
    parts += [path.read_bytes() for path in script.inputs]
    parts += [path.read_bytes() for path in sorted((script.root / "tests/data").glob("*.*")) if path.suffix != ".md"]
    parts += [path.read_bytes() for path in sorted(SANDBOX.glob("*.py"))]
    parts += [f"{name} {version}".encode() for name, version in versions(script.source).items()]
    parts += [
        Path(project.__file__).read_bytes(),
        Path(interpreter.__file__).read_bytes(),
        Path(__file__).read_bytes(),
        (script.root / "requirements.txt").read_bytes(),
    ]
    parts += [sys.version.encode(), platform.platform().encode(), str(os.cpu_count()).encode()]
    parts += [f"{k}={v}".encode() for k, v in sorted(os.environ.items()) if RELEVANT.match(k)]
    return sha256(*parts)[:20]


def sandbox_environment(folder: Path, data: list[str]) -> dict[str, str]:
    """Variables d'environnement du bac à sable : rien de la machine, sauf de quoi démarrer ; ou lève MissingData."""
    env = SINGLE_THREAD | {k: v for k, v in os.environ.items() if k.upper() in NEEDED or RELEVANT.match(k)}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    env |= {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(home),
        "TEMP": str(home),
        "KERAS_HOME": str(home / "keras"),
        "TORCH_HOME": str(home / "torch"),
        "MPLCONFIGDIR": str(ROOT / ".cache" / "matplotlib"),
        "PYTHONPATH": str(SANDBOX),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PROOF_NETWORK_LOG": str(folder / "network.log"),
        "PROOF_FIGURES": str(folder / "result"),
        "MPLBACKEND": "module://proof_figures",
    }
    sys.path.insert(0, str(ROOT / "tests/data"))
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in data:
        with FileLock(ROOT / ".cache" / f"{name}.lock"):
            try:
                module = import_module(name)  # la version du dossier préparé est celle du code qui le prépare
                version = sha256(Path(str(module.__file__)).read_bytes())[:8]
                prepared = module.prepare(ROOT / ".cache" / f"{name}-{version}")
            except OSError as error:
                raise MissingData(str(error)) from error
        env[WEIGHTS.get(name, f"PROOF_{name.upper()}")] = str(prepared)
    return env


def module_warnings(script: Script) -> dict[str, str]:
    """Variable qui montre les dépréciations des modules du projet : Python ne montre que celles du script lancé."""
    if not script.module_names:
        return {}
    return {"PYTHONWARNINGS": ",".join(f"default::DeprecationWarning:{name}" for name in script.module_names)}


def line_ranges(lines: list[int]) -> str:
    """Lignes du script publié, resserrées : [1, 2, 3, 7] → `1-3 7`."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return " ".join(f"{a}-{b}" if a != b else str(a) for a, b in ranges)


def seen(lines: dict[str, list[int]]) -> list[int]:
    """Lignes exécutées d'un fichier."""
    return sorted(set(lines["statements"]) - set(lines["missing"]))


def stderr_lines(text: str) -> list[str]:
    """Lignes d'erreur standard qui ne sont pas des journaux natifs connus."""
    return [s for s in text.splitlines() if s.strip() and not NATIVE_LOG.match(s)]


def fail(script: Script, line: int, what: str, mend: str) -> RunFailure:
    """Échec d'exécution, à la ligne `line` du script publié."""
    where = script.path.relative_to(script.root).as_posix()
    return RunFailure(f"{where}:{script.origin(line)} : {what}\n    Pour réparer : {mend}")


def execute(script: Script, folder: Path) -> Path:
    """Exécute le script dans `folder` ; rend le dossier du résultat ou lève RunFailure."""
    result, work, code, children = (folder / name for name in ("result", "work", "script", "children"))
    for path in (result, work, code, children):
        path.mkdir()
    script.write_program(code)
    for path in script.inputs:
        shutil.copy(path, work)
    program = code / f"{script.name}.py"
    published = {origin: n for n, (origin, _) in enumerate(script.lines, 1)}
    shift = script.origin(1)
    offset = published[shift] - 1
    request = {
        "script": str(program),
        "modules": {module.name: str(code / f"{module.name}.py") for module in script.modules},
        "children": str(children),
        "result": str(folder / "result.json"),
        "measures": list(script.manifest.get("measures", {})),
        "sections": {
            name: [published[first] - offset, published[last] - offset]
            for name, (first, last) in script.sections.items()
        },
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    limit = script.manifest.get("time_limit", TIME_LIMIT)
    try:
        done = interpreter.run(
            folder / "request.json",
            work,
            sandbox_environment(folder, script.manifest.get("data", [])) | module_warnings(script),
            interpreter.preloadable(script, imported_modules(script.source)),
            limit,
        )
    except subprocess.TimeoutExpired as expired:
        raise fail(script, 1, f"plus de {limit} s", "alléger l'exemple ou lever time_limit") from expired
    if done.returncode != 0 or not (folder / "result.json").is_file():
        raise fail(script, 1, f"interpréteur arrêté :\n{done.stderr[-3000:]}", "lire la trace ci-dessus")
    outcome = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    check_outcome(script, outcome, done.stderr, folder)
    if script.starter is not None:
        check_starter(script, folder)
    for name, text in outcome["texts"].items():
        clean = "\n".join(s.rstrip() for s in text.strip("\n").splitlines())
        (result / f"{name}.txt").write_text(clean + "\n", encoding="utf-8", newline="\n")
    for name in script.manifest.get("artefacts", []):
        if not (work / name).is_file():
            raise fail(script, 1, f"le fichier {name} annoncé n'est pas écrit", "corriger artefacts ou l'exemple")
        shutil.copy(work / name, result / name)
    ledger: dict[str, Any] = {
        "source": script.digest,
        "date": date.today().isoformat(),
        "duration": outcome["duration"],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions(script.source),
        "lines": sum(len(seen(lines)) for lines in (outcome, *outcome["modules"].values())),
        "executed": line_ranges(seen(outcome)),
        "measures": outcome["measures"],
        "error": outcome["error"],
        "files": {p.name: sha256(p.read_bytes())[:16] for p in sorted(result.iterdir())},
    }
    for module in script.modules:
        lines = line_ranges(seen(outcome["modules"][module.name]))
        ledger.setdefault("modules", {})[module.name] = {"source": module.digest, "executed": lines}
    text = json.dumps(ledger, ensure_ascii=False, indent=2) + "\n"
    (result / "ledger.json").write_text(text, encoding="utf-8")
    return result


def check_starter(script: Script, folder: Path) -> None:
    """Exécute l'énoncé de l'exercice : ses tests doivent échouer par AssertionError."""
    program = folder / "result" / "starter.py"
    program.write_text(script.starter or "", encoding="utf-8")
    limit = script.manifest.get("time_limit", TIME_LIMIT)
    try:
        done = subprocess.run(
            [sys.executable, str(program)],
            cwd=folder / "work",
            env=sandbox_environment(folder, script.manifest.get("data", [])),
            capture_output=True,
            encoding="utf-8",
            timeout=limit,
        )
    except subprocess.TimeoutExpired as expired:
        raise fail(script, 1, f"énoncé vide : plus de {limit} s", "écrire un test qui échoue aussitôt") from expired
    if "AssertionError" not in done.stderr:
        what = "les tests de l'exercice n'échouent pas sur l'énoncé vide"
        raise fail(script, 1, what, f"écrire un test qui exige la réponse :\n{done.stderr[-500:]}")


def check_outcome(script: Script, outcome: dict[str, Any], stderr: str, folder: Path) -> None:
    """Lève RunFailure si l'exécution ne prouve pas le script tout entier."""
    network = folder / "network.log"
    if network.is_file():
        hosts = ", ".join(sorted(set(network.read_text(encoding="utf-8").split())))
        raise fail(script, 1, f"tentative de connexion à {hosts}", "lire des données locales (data = …)")
    expected, error = script.manifest.get("fails_with"), outcome["error"]
    if error and error["type"] != expected:
        raise fail(script, error["line"], error["text"], "corriger l'exemple")
    if expected and not error:
        raise fail(script, 1, f"{expected} attendue, rien n'est levé", "corriger l'exemple ou le manifeste")
    unseen = {script: outcome["missing"]} | {m: outcome["modules"][m.name]["missing"] for m in script.modules}
    for source, missing in unseen.items():
        if error and source is script:  # il s'arrête en chemin : tout ce qui précède l'erreur a tourné
            missing = [line for line in missing if line < error["line"]]
        if missing:
            text = source.source.splitlines()[missing[0] - 1].strip()
            mend = "appeler ce code dans l'exemple, ou le retirer"
            raise fail(source, missing[0], f"ligne montrée mais jamais exécutée : {text}", mend)
    if noise := stderr_lines(stderr):
        text = "\n".join(noise[:20])
        raise fail(script, 1, f"avertissement à l'exécution :\n{text}", "employer l'API actuelle")


def run(script: Script, use_cache: bool = True, say: Callable[[str], object] = print) -> Run:
    """Exécute le script, ou reprend un succès en cache ; lève RunFailure."""
    kept = script.root / ".cache" / "proof" / f"{script.example}-{script.name}-{cache_key(script)}"
    if use_cache and (kept / "ledger.json").is_file():
        return Run(kept, cached=True)
    say(f"{script.key} : exécution…")
    began = time.perf_counter()
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="preuve-") as name:
        result = execute(script, Path(name).resolve())
        for old in kept.parent.glob(f"{script.example}-{script.name}-*"):
            shutil.rmtree(old)
        partial = kept.with_suffix(".partial")
        shutil.copytree(result, partial)
        partial.rename(kept)
    say(f"{script.key} : réussi en {time.perf_counter() - began:.0f} s")
    return Run(kept, cached=False)
