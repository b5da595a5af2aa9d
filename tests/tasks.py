"""Les tâches du cours, sur tous les systèmes : `python tests/tasks.py <tâche>` (ou `make <tâche>`).

Seule la bibliothèque standard est employée ici : ce programme prépare l'environnement `.venv`, puis y lance l'outil.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TASKS = {
    "serve": "lire le cours en local (http://127.0.0.1:8000), rechargé à chaque modification",
    "test": "tout vérifier : exemples, pages, site, accessibilité, français",
    "build": "construire le site dans site/ (strict)",
    "pdf": "imprimer chaque module du site déjà construit, en PDF",
    "audit": "auditer le site déjà construit dans site/",
    "outputs": "exécuter les exemples et enregistrer leurs sorties",
    "bench": "refaire les mesures du banc : carnets, partage, courses, charge, site…",
}


def stop(message: str) -> None:
    """Arrête avec un message lisible."""
    raise SystemExit(f"Arrêt : {message}")


def run(*command: str, env: dict[str, str] | None = None) -> int:
    """Lance un programme de l'environnement depuis la racine du projet ; rend son code de sortie."""
    variables = dict(os.environ) | {
        "PYTHONUTF8": "1",
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # ce que pip n'a pas compilé l'est à la première importation, une fois
        "PYTHONPATH": str(ROOT / "tests"),
        "OPENBLAS_NUM_THREADS": "1",  # deux tests de front : leurs fils de calcul s'attendraient
    }
    return subprocess.call([str(PYTHON), *command], cwd=ROOT, env=variables | (env or {}))


def python_of(folder: Path) -> str | None:
    """Version de Python (3.12, par exemple) d'un environnement, ou None s'il n'y en a pas."""
    config = folder / "pyvenv.cfg"
    found = re.search(r"^version\w* *= *(\d+\.\d+)", config.read_text("utf-8"), re.M) if config.is_file() else None
    return found[1] if found else None


def create() -> None:
    """Crée `.venv` s'il n'existe pas, ou s'il vient d'une autre version de Python que celle-ci."""
    mine, found = "{}.{}".format(*sys.version_info), python_of(VENV)
    if PYTHON.is_file() and found in (None, mine):
        return
    if found not in (None, mine):
        print(f".venv vient de Python {found} : il est refait avec Python {mine}.", flush=True)
    print("Création de l'environnement .venv…", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        stop("le module venv est incomplet ; sous Debian ou Ubuntu : apt install python3-venv")


def prepare(requirements: str) -> None:
    """Prépare `.venv` et y installe un fichier de dépendances, si ce n'est déjà fait."""
    lock = ROOT / requirements
    mark = VENV / f"{lock.stem}.installed"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:3]))
        again = r"make PYTHON=python3.12 … ; sous Windows : py -3.12 tests\tasks.py …"
        stop(f"Python {found} ne convient pas ; il faut Python 3.11, 3.12 ou 3.13 ({again}).")
    create()
    began = time.monotonic()
    print(
        f"Installation de {requirements} (une fois ; quelques minutes avec les frameworks)…",
        flush=True,
    )
    # Le verrou est complet : rien à résoudre (--no-deps). uv, épinglé par le verrou lui-même, déplie les gigaoctets des
    # frameworks bien plus vite que pip ; pip prend le relais s'il échoue (miroir que seul pip connaît).
    pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    pin = re.search(r"^uv==\S+", lock.read_text(encoding="utf-8"), re.MULTILINE)
    uv = ["-m", "uv", "pip", "install", "--python", str(PYTHON), "--no-deps"]
    fast = pin is not None and run(*pip, "--quiet", pin[0]) == 0 and run(*uv, "--requirement", str(lock)) == 0
    if not fast and run(*pip, "--no-compile", "--requirement", str(lock)) != 0:
        stop("l'installation a échoué ; lire le message de pip ci-dessus (réseau ? place sur le disque ?)")
    mark.write_text(wanted, encoding="utf-8")
    print(f"Installé en {time.monotonic() - began:.0f} s.", flush=True)


def built_site(options: list[str]) -> Path:
    """Dossier où ces options de MkDocs construisent le site, `site/` par défaut."""
    for option, following in zip(options, [*options[1:], ""], strict=False):
        name, _, value = option.partition("=")
        if name in ("-d", "--site-dir"):
            return Path(value or following)
    return ROOT / "site"


def main(arguments: list[str]) -> int:
    """Exécute une tâche ; les arguments qui suivent `--` vont à l'outil lancé."""
    task, extra = (arguments or ["aide"])[0], arguments[1:]
    extra = extra[1:] if extra[:1] == ["--"] else extra
    if task not in TASKS:
        command = r"py tests\tasks.py" if os.name == "nt" else "make"
        for name, text in TASKS.items():
            print(f"  {command} {name:<8} {text}")
        return 0 if task == "aide" else 2
    if task in ("serve", "build"):
        prepare("requirements/site.txt")
        options = {
            "serve": [
                "serve",
                "--livereload",
                "--dev-addr",
                f"127.0.0.1:{os.environ.get('PORT', '8000')}",
            ],
            "build": ["build", "--strict", "--clean"],
        }[task]
        if (failure := run("-m", "mkdocs", *options, *extra)) or task == "serve":
            return failure
        return run("-m", "proof.takeaway", "zip", str(built_site(extra)))
    prepare("requirements.txt")
    module = {
        "test": "pytest",
        "pdf": "proof.takeaway",
        "audit": "proof.audit",
        "outputs": "proof.outputs",
        "bench": "proof.bench",
    }[task]
    if task in ("test", "pdf") and run("-m", "proof.browser") != 0:
        return 1
    return run("-m", module, *(["pdf"] if task == "pdf" else []), *extra)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
