"""Le projet d'API : ce qu'il reprend du cours est identique, et son modèle lit des chiffres venus d'ailleurs."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

import mnist
import numpy as np
import pytest
from PIL import Image
from proof.project import ROOT

PROJECT = ROOT / "snippets/api_images"
COUNT = 500  # images de test de MNIST, les premières


def pinned(text: str) -> dict[str, str]:
    """Paquet → version exacte, lignes commentées comprises."""
    return dict(re.findall(r"^(?:# )?([\w-]+)==([\w.]+)", text, re.MULTILINE))


def test_network_has_one_source() -> None:
    published = ROOT / "snippets/mnist_export/outputs/with_pytorch/cnn_mnist.json"
    ours = PROJECT / "models/cnn_mnist.json"
    assert ours.read_bytes() == published.read_bytes(), "recopier le réseau publié par mnist_export"


def test_versions_are_those_of_the_course() -> None:
    course = pinned((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    for name in ("requirements.txt", "README.md"):
        ours = pinned((PROJECT / name).read_text(encoding="utf-8"))
        assert ours.items() <= course.items(), f"{name} : {ours.items() - course.items()}"
    direct = pinned((PROJECT / "requirements.txt").read_text(encoding="utf-8"))
    assert {"flask", "pillow", "numpy", "gunicorn", "waitress", "pytest", "onnxruntime"} <= set(direct)


def test_readme_names_every_setting() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    code = (PROJECT / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'environ\.get\("([A-Z]+)"', code))
    assert names and all(f"`{name}`" in readme for name in names)


@pytest.fixture(scope="module")
def model() -> Any:
    sys.path.insert(0, str(PROJECT))
    yield import_module("models").load_model(import_module("settings").Settings())
    sys.path.remove(str(PROJECT))
    for name in ("settings", "images", "models"):
        del sys.modules[name]


def accuracy(model: Any, dressed: Any) -> float:
    """Part des chiffres de MNIST bien lus, une fois présentés comme le fait `dressed`."""
    files = mnist.read_archive()
    images = np.frombuffer(files["t10k-images-idx3-ubyte"], np.uint8, offset=16).reshape(-1, 28, 28)[:COUNT]
    labels = np.frombuffer(files["t10k-labels-idx1-ubyte"], np.uint8, offset=8)[:COUNT]
    found = [int(model.predict(dressed(Image.fromarray(image)))[0]["etiquette"]) for image in images]
    return float((np.array(found) == labels).mean())


def on_paper(digit: Image.Image) -> Image.Image:
    """Encre sombre sur une grande feuille claire, loin du centre."""
    sheet = Image.new("RGB", (400, 300), (240, 235, 220))
    ink = digit.resize((140, 140))
    sheet.paste((30, 30, 80), (20, 130), ink)
    return sheet


def test_digits_are_read_as_they_are(model: Any) -> None:
    assert accuracy(model, lambda digit: digit.convert("RGB")) >= 0.98


def test_digits_are_read_on_paper(model: Any) -> None:
    assert accuracy(model, on_paper) >= 0.98


def test_bad_preparation_is_seen(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contrôle négatif : sans recadrage ni inversion, le même réseau ne lit presque rien."""
    monkeypatch.setattr(
        sys.modules["models"],
        "prepare_digit",
        lambda image: np.asarray(image.convert("L").resize((28, 28)), dtype="float32") / 255,
    )
    assert accuracy(model, on_paper) < 0.5
