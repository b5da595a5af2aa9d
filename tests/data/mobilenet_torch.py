"""Poids ImageNet de MobileNetV2 pour torchvision : repris du cache de la machine, sinon téléchargés.

Provenance et licence : README.md de ce dossier.
"""

from __future__ import annotations

import os
from pathlib import Path

from mobilenet_keras import fetch

CHECKSUM = "7ebf99e0"  # torchvision écrit dans le nom du fichier le début de son empreinte
FILE = f"mobilenet_v2-{CHECKSUM}.pth"
OFFICIAL = f"https://download.pytorch.org/models/{FILE}"


def prepare(folder: Path) -> Path:
    """Fait de `folder` un TORCH_HOME qui contient les poids."""
    home = Path(os.environ.get("TORCH_HOME") or Path.home() / ".cache" / "torch")
    checkpoints = Path("hub") / "checkpoints" / FILE
    fetch(home / checkpoints, OFFICIAL, folder / checkpoints, CHECKSUM)
    return folder
