"""Poids ImageNet de MobileNetV2 pour torchvision : repris du cache de la machine, sinon téléchargés.

Provenance et licence : README.md de ce dossier.
"""

from __future__ import annotations

import os
from pathlib import Path

from mobilenet_keras import fetch

CHECKSUM = "7ebf99e0"  # torchvision écrit dans le nom du fichier le début de son empreinte
FILE = f"mobilenet_v2-{CHECKSUM}.pth"
# Chemin dans TORCH_HOME → adresse officielle, et début de l'empreinte SHA-256.
FILES = {f"hub/checkpoints/{FILE}": (f"https://download.pytorch.org/models/{FILE}", CHECKSUM)}


def prepare(folder: Path) -> Path:
    """Fait de `folder` un TORCH_HOME qui contient les poids."""
    home = Path(os.environ.get("TORCH_HOME") or Path.home() / ".cache" / "torch")
    for path, (official, checksum) in FILES.items():
        fetch(home / path, official, folder / path, checksum)
    return folder
