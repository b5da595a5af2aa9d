"""Poids ImageNet de MobileNetV2 et noms des classes, pour Keras : repris du cache de la machine, sinon téléchargés.

Provenance et licence : README.md de ce dossier.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.request
from pathlib import Path

APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
PREFIX = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224"
NAMES = "imagenet_class_index.json"
# Chemin dans KERAS_HOME → adresse officielle, et début de l'empreinte SHA-256 si elle est publiée.
FILES = {
    f"models/{PREFIX}_no_top.h5": (f"{APPLICATIONS}{PREFIX}_no_top.h5", ""),  # le tronc seul
    f"models/{PREFIX}.h5": (f"{APPLICATIONS}{PREFIX}.h5", ""),  # avec la tête aux mille classes
    f"models/{NAMES}": (f"https://storage.googleapis.com/download.tensorflow.org/data/{NAMES}", "a1e7a966a1f601d3"),
}


def fetch(cached: Path, official: str, target: Path, checksum: str = "") -> None:
    """Dépose dans `target` le fichier du cache, sinon celui de l'adresse officielle ; OSError si ni l'un ni l'autre.

    `checksum` est le début de l'empreinte SHA-256 d'un fichier téléchargé. Un fichier déjà en cache est pris tel quel,
    comme le font Keras et torch.hub.
    """
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    if cached.is_file():
        shutil.copyfile(cached, partial)
    else:
        try:
            with urllib.request.urlopen(official, timeout=60) as answer:
                content = answer.read()
        except OSError as error:
            raise OSError(
                f"Poids introuvables : {cached} n'existe pas, et {official} ne répond pas ({error}). "
                "Se connecter au réseau, ou déposer le fichier à cet endroit"
            ) from error
        if not hashlib.sha256(content).hexdigest().startswith(checksum):
            raise ValueError(f"{official} : empreinte SHA-256 inattendue ; recommencer")
        partial.write_bytes(content)
    partial.replace(target)


def prepare(folder: Path) -> Path:
    """Fait de `folder` un KERAS_HOME qui contient les poids et les noms des classes."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    for path, (official, checksum) in FILES.items():
        fetch(home / path, official, folder / path, checksum)
    return folder
