"""Le projet d'API : ce qu'il reprend du cours est identique, et son modèle lit des chiffres venus d'ailleurs."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import mnist
import numpy as np
import pytest
from PIL import Image
from proof.project import ROOT
from proof.runner import MissingData, sandbox_environment
from skimage import data

PROJECT = ROOT / "snippets/api_images"
pytestmark = pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml")
STARTUP = 300  # secondes laissées au serveur pour importer TensorFlow et lire ses poids
COUNT = 300  # images de test de MNIST, les premières


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
    needed = "flask limits pillow numpy gunicorn waitress pytest onnxruntime openvino"
    assert set(needed.split()) <= set(direct)


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


def test_downloaded_archive_tells_a_cat_from_a_coffee(built_site: Path, tmp_path: Path) -> None:
    """L'archive du site, dépliée dans un dossier vide et lancée par la commande de son LISEZMOI, sous Waitress."""
    with zipfile.ZipFile(built_site / "snippets/api_images.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "api_images"
    assert "\npython serve.py\n" in (folder / "README.md").read_text(encoding="utf-8")
    try:
        weights = sandbox_environment(tmp_path, ["mobilenet_keras"])["KERAS_HOME"]
    except MissingData as missing:
        pytest.skip(str(missing))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = dict(os.environ) | {"MODELE": "mobilenet", "KERAS_HOME": weights, "PORT": str(port), "SERVEUR": "waitress"}
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "serve.py"]
    with (tmp_path / "journal").open("wb") as journal:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=journal, stderr=journal)
        try:
            assert wait_until_ready(server, f"{url}/sante"), (tmp_path / "journal").read_text(encoding="utf-8")
            found = [ask(url, pixels) for pixels in (data.chelsea(), data.coffee())]  # type: ignore[no-untyped-call]
        finally:
            server.terminate()
            server.wait(timeout=60)
    assert found[0].startswith("chat ") and found[1] == "expresso", found


def ask(url: str, pixels: np.ndarray) -> str:
    """Nom français que l'API donne à une photographie."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    body = json.dumps({"image": base64.b64encode(stream.getvalue()).decode()}).encode()
    request = urllib.request.Request(f"{url}/predict", body, {"Content-Type": "application/json"})
    return str(json.load(urllib.request.urlopen(request))["predictions"][0]["etiquette_fr"])


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> bool:
    """Attend que le serveur se dise prêt ; faux s'il s'arrête avant, ou dépasse STARTUP secondes."""
    deadline = time.monotonic() + STARTUP
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return True
        except OSError:
            time.sleep(0.5)
    return False
