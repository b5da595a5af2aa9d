"""Le réseau publié, tel qu'on le télécharge : ce fichier-là, relu sans framework, tient ce que la leçon annonce."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from proof import ledger
from proof.project import ROOT, Script

sys.path.insert(0, str(ROOT / "tests/data"))

pytestmark = pytest.mark.cached("tests/test_artefacts.py", "tests/conftest.py", "tests/data", "snippets/mnist_export")
EXPORT = Script(ROOT, "mnist_export", "with_pytorch")
BATCH = 200  # images jugées à la fois : tout tient dans le cache du processeur
MODEL = EXPORT.outputs / "cnn_mnist.json"


def scores(model: dict[str, Any], images: np.ndarray) -> np.ndarray:
    """Dix scores par image (n, 28, 28, octets), sans rien reprendre de l'exemple."""
    entry = model["image"]
    side, margin = entry["cote"], entry["marge"]
    values = images[:, margin : margin + side, margin : margin + side, None].astype(np.float32) / 255
    values = (values - entry["moyenne"]) / entry["ecart"]
    for rank, layer in enumerate(model["couches"]):
        shape = layer["forme"]
        weights = np.frombuffer(base64.b64decode(layer["poids"]), np.int8).reshape(shape).astype(np.float32)
        if len(shape) == 4:  # (sorties, entrées, hauteur, largeur) : une somme de produits par place du noyau
            size = values.shape[1] - shape[2] + 1
            total = np.zeros((len(values), size, size, shape[0]), np.float32)
            for row in range(shape[2]):
                for column in range(shape[3]):
                    window = values[:, row : row + size, column : column + size]
                    total += window @ weights[:, :, row, column].T
            even = total[:, : size // 2 * 2, : size // 2 * 2]
            total = np.maximum.reduce([even[:, r::2, c::2] for r in (0, 1) for c in (0, 1)])
        else:
            flat = values.transpose(0, 3, 1, 2) if values.ndim == 4 else values
            total = flat.reshape(len(flat), -1) @ weights.T
        values = total * np.float32(layer["echelle"]) + np.float32(layer["decalage"])
        if rank < len(model["couches"]) - 1:
            values = np.maximum(values, 0)
    result: np.ndarray = values
    return result


def read_test_set() -> tuple[np.ndarray, np.ndarray]:
    """Les dix mille images de test de MNIST et leurs étiquettes."""
    import mnist

    files = mnist.read_archive()
    images = np.frombuffer(files["t10k-images-idx3-ubyte"], np.uint8, offset=16).reshape(-1, 28, 28)
    return images, np.frombuffer(files["t10k-labels-idx1-ubyte"], np.uint8, offset=8)


@pytest.fixture(scope="module")
def test_set() -> tuple[np.ndarray, np.ndarray]:
    """Les mêmes, lues une fois pour tout le fichier."""
    return read_test_set()


def accuracy(path: Path, test_set: tuple[np.ndarray, np.ndarray], damage: int | None = None) -> float:
    """Exactitude du fichier sur le test ; `damage` mélange les poids de la couche de ce rang."""
    model = json.loads(path.read_text(encoding="utf-8"))
    if damage is not None:
        layer = model["couches"][damage]
        weights = np.frombuffer(base64.b64decode(layer["poids"]), np.int8)
        shuffled = np.random.default_rng(0).permutation(weights)
        layer["poids"] = base64.b64encode(shuffled.tobytes()).decode("ascii")
    images, labels = test_set
    found = [scores(model, images[first : first + BATCH]).argmax(axis=1) for first in range(0, len(images), BATCH)]
    return float((np.concatenate(found) == labels).mean())


def test_published_network(test_set: tuple[np.ndarray, np.ndarray]) -> None:
    """Le fichier publié a l'exactitude du registre, au moins 99,4 %, à 0,1 point du modèle à virgule."""
    measures = ledger.read(EXPORT)["measures"]
    found = accuracy(MODEL, test_set)
    assert abs(found - measures["int8_accuracy"]) <= 0.0002, "le fichier publié n'est pas celui du registre"
    assert found >= 0.994
    assert abs(found - measures["test_accuracy"]) <= 0.001


def test_published_network_is_light() -> None:
    """Moins de 60 Ko compressés : une page peut l'emporter."""
    assert len(gzip.compress(MODEL.read_bytes())) < 60_000


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_damaged_network_is_seen(layer: int, test_set: tuple[np.ndarray, np.ndarray]) -> None:
    """Contrôle négatif : mélanger les poids d'une seule couche fait chuter l'exactitude."""
    images, labels = test_set
    assert accuracy(MODEL, (images[:1000], labels[:1000]), damage=layer) < 0.9
