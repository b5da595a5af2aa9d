"""Fashion-MNIST (60 000 + 10 000 vêtements) : trouvé sur la machine ou téléchargé, puis préparé pour les chargeurs.

Provenance et licence : README.md de ce dossier.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
import urllib.request
from pathlib import Path

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # paquet dataset-fashion-mnist
OFFICIAL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
# Empreintes SHA-256 des quatre fichiers IDX décompressés.
CHECKSUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def read(name: str) -> bytes:
    """Contenu contrôlé d'un fichier IDX : celui du paquet Debian, sinon téléchargé ; OSError si rien ne répond."""
    packaged = DEBIAN / f"{name}.gz"
    try:
        if packaged.is_file():
            compressed = packaged.read_bytes()
        else:
            with urllib.request.urlopen(f"{OFFICIAL}{name}.gz", timeout=60) as answer:
                compressed = answer.read()
    except OSError as error:
        raise OSError(
            f"Fashion-MNIST introuvable ({error}). Se connecter au réseau, ou, sous Debian et Ubuntu : "
            "apt install dataset-fashion-mnist"
        ) from error
    content = gzip.decompress(compressed)
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        raise ValueError(f"{name} : empreinte SHA-256 inattendue ; supprimer le fichier et recommencer")
    return content


def prepare(folder: Path) -> Path:
    """Dépose dans `folder` ce que lisent les chargeurs : `idx/` (torchvision) et les mêmes en `.gz` (Keras)."""
    if (folder / "idx").is_dir():
        return folder
    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    (partial / "idx").mkdir()
    for name in CHECKSUMS:
        content = read(name)
        (partial / "idx" / name).write_bytes(content)
        (partial / f"{name}.gz").write_bytes(gzip.compress(content, compresslevel=1, mtime=0))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder
