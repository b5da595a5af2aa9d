"""Le code et les réglages du projet : style, types, versions épinglées, rien d'étranger au cours."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import mnist
import pytest
from conftest import IN_CI
from proof.project import ROOT, sources

COLUMNS = 79  # un téléphone les lit
DIRECT = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?(==\S+)?(?:; [^#]*)?\s*(#.*)?$")
# Morceaux séparés, pour que ce fichier ne contienne pas ce qu'il cherche.
FOREIGN = re.compile(
    "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", r"registry\.npm" + "js", r"deb\.deb" + "ian"])
)


def tracked() -> list[Path]:
    """Fichiers suivis par git, lus comme du texte."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name and not name.endswith(".xz")]


@pytest.mark.parametrize("command", [["ruff", "format", "--check"], ["ruff", "check"], ["mypy"]], ids=" ".join)
def test_style_and_types(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_examples_fit_on_a_phone() -> None:
    long = [
        f"{script.path.relative_to(ROOT).as_posix()}:{number}"
        for script in sources(ROOT)
        for number, line in script.lines
        if len(line) > COLUMNS
    ]
    assert not long, f"lignes de plus de {COLUMNS} colonnes : {long}"


def test_examples_do_not_silence_warnings() -> None:
    silent = re.compile(r"\bwarnings\b|redirect_stderr|disable_warning")
    found = [script for script in sources(ROOT) if silent.search(script.source)]
    shown = [script for script in found if len(script.manifest.get("avertissement_montre", "")) > 10]
    guilty = [script.key for script in found if script not in shown]
    assert all("catch_warnings(record=True)" in script.source for script in shown)  # gardé, puis imprimé
    assert not guilty, f"ces exemples cachent des avertissements : {guilty}"


def lock(name: str) -> dict[str, str]:
    """Paquet → ligne d'un fichier verrouillé."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0]: line.split("  # via")[0].strip() for line in lines if line and line[0] not in "# "}


def test_every_dependency_is_pinned() -> None:
    for name in ("requirements.txt", "requirements/site.txt"):
        loose = [line for line in lock(name).values() if not re.match(r"[\w.-]+==[\w.+]+( ;.*)?$", line)]
        assert not loose, f"{name} : sans version exacte : {loose}"


def test_site_is_a_subset() -> None:
    full, site = lock("requirements.txt"), lock("requirements/site.txt")
    different = {name for name, line in site.items() if full.get(name, "").split(" ;")[0] != line.split(" ;")[0]}
    assert not different, f"versions différentes entre les deux verrous : {different}"


def normal(package: str) -> str:
    """Nom d'un paquet tel que les index le comparent."""
    return re.sub(r"[-_.]+", "-", package).lower()


def test_direct_dependencies_are_justified() -> None:
    full = {normal(name) for name in lock("requirements.txt")}
    for path in (ROOT / "requirements").glob("*.in"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith(("#", "-r")):
                continue
            match = DIRECT.match(line)
            assert match, f"{path.name} : ligne illisible : {line}"
            assert normal(match.group(1)) in full, f"{match.group(1)} n'est pas verrouillé"
            assert match.group(3), f"{path.name} : dire en un commentaire pourquoi {match.group(1)} est là"


def unlocked(names: set[str]) -> set[str]:
    """Paquets installés ici que ces noms ne comptent pas ; pip et ses outils viennent avec l'environnement."""
    installed = {normal(found.name) for found in importlib.metadata.distributions()}
    return installed - {normal(name) for name in names} - {"pip", "setuptools", "wheel"}


def test_lock_is_complete() -> None:
    """Le verrou s'installe sans rien résoudre (--no-deps) : rien ne doit y manquer, ni être trop vieux."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "check", "--python", sys.executable],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    names = set(lock("requirements.txt"))
    if IN_CI:  # chez soi, chacun installe ce qu'il veut dans .venv
        assert not unlocked(names), "installés sans être dans requirements.txt"
    assert unlocked(names - {"filelock"}) == {"filelock"}


def test_nothing_foreign() -> None:
    found = []
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.name}: {m.group(0)}" for m in FOREIGN.finditer(text)]
    assert not found, f"hôte d'un registre de paquets : {found}"
    assert FOREIGN.search("https://" + "py" + "pi.org/simple")


def test_actions_are_pinned_by_commit() -> None:
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d", line), f"{path.name}:{number} : {line.strip()}"


def test_mnist_archive_is_complete(tmp_path: Path) -> None:
    files = mnist.read_archive()
    assert {name: len(content) for name, content in files.items()} == {
        "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,
        "train-labels-idx1-ubyte": 8 + 60_000,
        "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
        "t10k-labels-idx1-ubyte": 8 + 10_000,
    }
    name = "t10k-labels-idx1-ubyte"
    with pytest.raises(ValueError, match="empreinte SHA-256 inattendue"):
        mnist.check(name, files[name][:-1] + b"\0")


@pytest.mark.network
def test_official_downloads(tmp_path: Path) -> None:
    """Les vrais téléchargements, une fois par semaine : mêmes images que celles du dépôt."""
    program = (
        "import os, sys, numpy as np; os.environ['KERAS_HOME'] = sys.argv[1]; import keras;"
        "(x, y), (a, b) = keras.datasets.mnist.load_data();"
        "ours = np.load(sys.argv[2] + '/mnist.npz');"
        "assert (x == ours['x_train']).all() and (b == ours['y_test']).all()"
    )
    ours = mnist.prepare(ROOT / ".cache" / "mnist")
    subprocess.run([sys.executable, "-c", program, str(tmp_path), str(ours)], check=True)
    program = (
        "import sys, numpy as np; from torchvision.datasets import MNIST;"
        "train = MNIST(sys.argv[1], train=True, download=True); ours = np.load(sys.argv[2] + '/mnist.npz');"
        "assert (train.data.numpy() == ours['x_train']).all()"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path), str(ours)], check=True)
