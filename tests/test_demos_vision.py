"""Les démos du chiffre, de la convolution et du seuil, dans un vrai Chromium : les nombres de Python, et pour tous.

Les pages sont ouvertes en `file://`, sauf celles d'axe : une démo doit marcher sans serveur.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from demos import PAGES, READY, RUN_NETWORK, OpenDemo, section, start_demo
from playwright.sync_api import Browser, ViewportSize, expect
from proof import browser, ledger
from proof.browser import DESKTOP, NARROW, PHONE, switch_theme, violations
from proof.project import ROOT, Script
from scipy.ndimage import center_of_mass
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score
from test_artefacts import MODEL, read_test_set, scores

pytestmark = pytest.mark.cached(
    "tests/test_demos_vision.py",
    "tests/test_artefacts.py",
    "tests/demos.py",
    "tests/conftest.py",
    "tests/data",
    "tests/proof/macros.py",
    "tests/proof/publish.py",
    "tests/proof/browser.py",
    "overrides",
    "mkdocs.yml",
    "docs/module-4/exporter.md",
    "docs/module-4/briques.md",
    "docs/module-5/metriques.md",
    "snippets/mnist_export",
    "snippets/cnn_bricks",
    "snippets/metrics_detector",
)
DEMOS = ("chiffre", "convolution", "seuil")


def as_text(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


# --- Dessinez un chiffre

PREPARE = """({sheets, side}) => {
  const bytes = Uint8Array.from(atob(sheets), (letter) => letter.charCodeAt(0));
  const network = demos.chiffre.read(demoData["mnist_export/with_pytorch/cnn_mnist.json"]);
  return Array.from({ length: bytes.length / side ** 2 }, (_, n) => {
    const values = Float32Array.from(bytes.subarray(n * side ** 2, (n + 1) * side ** 2), (value) => value / 255);
    const { square, seen } = demos.chiffre.prepare({ width: side, height: side, values }, network.image);
    const scores = demos.chiffre.forward(network, demos.chiffre.normalize(seen, network.image)).at(-1);
    return { square: [...square.values], answer: scores.indexOf(Math.max(...scores)) };
  });
}"""


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Les images de test de MNIST et leurs étiquettes."""
    return read_test_set()


def test_digit_network_is_the_python_one(
    open_demo: OpenDemo, digits: tuple[np.ndarray, np.ndarray], record_property: Callable[[str, object], None]
) -> None:
    """Mille images de test : même classe que NumPy sur toutes, scores à un millième ; un poids déplacé est vu."""
    images = digits[0][:1000]
    expected = scores(json.loads(MODEL.read_text(encoding="utf-8")), images)
    page = open_demo("chiffre")
    found = page.evaluate(RUN_NETWORK, {"pixels": as_text(images), "damage": None})
    logits = np.array(found["logits"])
    record_property("said", f"dessinez un chiffre : {found['milliseconds']:.2f} ms par image")
    assert logits.shape == (1000, 10)
    assert (logits.argmax(axis=1) == expected.argmax(axis=1)).all()
    assert np.abs(logits - expected).max() < 1e-3
    for layer in range(4):
        damaged = np.array(page.evaluate(RUN_NETWORK, {"pixels": as_text(images[:50]), "damage": layer})["logits"])
        assert np.abs(damaged - expected[:50]).max() > 1, f"des poids retournés dans la couche {layer} ne se voient pas"


def area_weights(length: int, count: int) -> np.ndarray:
    """Part de chaque pixel d'une ligne de `length` dans chacune des `count` cases qui la partagent."""
    edges = np.arange(count + 1)[:, None] * length / count
    pixels = np.arange(length)
    overlap = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    weights: np.ndarray = np.maximum(overlap, 0) * count / length
    return weights


def prepared(ink: np.ndarray) -> np.ndarray:
    """La préparation de MNIST, en NumPy : boîte de 20, moyenne des surfaces, centre de gravité au milieu de 28."""
    rows, columns = (np.flatnonzero((ink > 0.05).any(axis=axis)) for axis in (1, 0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, int(n * 20 / max(box.shape) + 0.5)) for n in box.shape)
    small = area_weights(box.shape[0], height) @ box @ area_weights(box.shape[1], width).T
    y, x = center_of_mass(small)
    top, left = (int(np.clip(np.floor(14 - c - 0.5 + 0.5), 0, 28 - n)) for c, n in ((y, height), (x, width)))
    square = np.zeros((28, 28))
    square[top : top + height, left : left + width] = small
    return square


def test_digit_preparation_is_that_of_mnist(open_demo: OpenDemo, digits: tuple[np.ndarray, np.ndarray]) -> None:
    """Des chiffres du test agrandis et déplacés : même image préparée qu'en NumPy, et le réseau les lit encore."""
    images, labels = digits[0][:60], digits[1][:60]
    sheets: np.ndarray = np.zeros((len(images), 280, 280), np.uint8)
    for n, image in enumerate(images):
        top, left = 7 * n % 140, 13 * n % 140
        sheets[n, top : top + 140, left : left + 140] = np.kron(image, np.ones((5, 5), np.uint8))
    page = open_demo("chiffre")
    found = page.evaluate(PREPARE, {"sheets": as_text(sheets), "side": 280})
    for n, one in enumerate(found):
        gap = np.abs(np.array(one["square"]).reshape(28, 28) - prepared(sheets[n] / 255)).max()
        assert gap < 1e-5, f"image {n} : préparée autrement qu'en NumPy ({gap})"
    assert (np.array([one["answer"] for one in found]) == labels).mean() >= 0.95
    shrunk = sheets.reshape(len(images), 28, 10, 28, 10).mean(axis=(2, 4)).astype(np.uint8)
    unprepared = np.array(page.evaluate(RUN_NETWORK, {"pixels": as_text(shrunk), "damage": None})["logits"])
    assert (unprepared.argmax(axis=1) == labels).mean() < 0.7, "sans préparation, le réseau lit aussi bien"


def test_digit_is_light(built_site: Path, record_property: Callable[[str, object], None]) -> None:
    """Code, styles, réseau et images d'exemple : moins de 60 Ko compressés."""
    folder = built_site / "snippets/mnist_export/outputs/with_pytorch"
    names = ("chiffre.js", "chiffre.css", "commun.js", "demos.css")
    files = [*(built_site / "assets/demos" / name for name in names), *folder.glob("*.json.js")]
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
    record_property("said", f"dessinez un chiffre : {sum(sizes.values())} octets compressés {sizes}")
    assert len(sizes) == 6
    assert sum(sizes.values()) < 60_000


def test_digit_is_drawn(open_demo: OpenDemo) -> None:
    """Au doigt, un point ; à la souris, un 1 d'un seul trait ; puis une erreur du réseau, avec la bonne réponse."""
    page = open_demo("chiffre", has_touch=True)
    sheet = page.locator(".chiffre-feuille")
    sheet.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = sheet.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 140, box["y"] + 140)
    expect(page.locator(".chiffre-verdict")).not_to_contain_text("c’est juste")  # l'exemple a laissé place au dessin
    page.locator("section[data-demo=chiffre]").get_by_role("button", name="Effacer").click()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 240, steps=8)
    expect(page.locator(".chiffre-verdict")).to_have_text("À vous de dessiner.")  # la réponse d'avant ne vaut plus
    page.mouse.up()
    expect(page.locator(".chiffre-verdict")).to_contain_text("Le réseau lit un 1")
    parts = page.locator(".chiffre-part").all_inner_texts()
    assert abs(sum(float(part.rstrip("\u00a0%").replace(",", ".")) for part in parts) - 100) < 0.6
    page.get_by_role("button", name="Une de ses erreurs").click()
    samples = json.loads((MODEL.parent / "chiffres.json").read_text(encoding="utf-8"))
    pairs = zip(samples["etiquettes"], samples["reponses"], strict=True)
    truth, answer = next((truth, answer) for truth, answer in pairs if truth != answer)
    expect(page.locator(".chiffre-verdict")).to_contain_text(f"Le réseau lit un {answer}")
    expect(page.locator(".chiffre-verdict")).to_contain_text(f"c’était un {truth}")
    expect(page.locator(".chiffre-pourquoi canvas")).to_have_attribute("aria-label", re.compile(f"pour le {answer},"))


TWO_FINGERS = """async (sheet) => {
  sheet.setPointerCapture = () => {};
  const { left, top } = sheet.getBoundingClientRect();
  const finger = (pointerId) => async (type, x, y) => {
    const finger = { pointerId, pointerType: "touch", isPrimary: pointerId === 1 };
    sheet.dispatchEvent(new PointerEvent(type, { ...finger, clientX: left + x, clientY: top + y }));
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    return sheet.toDataURL();
  };
  const [first, second] = [finger(1), finger(2)];
  await first("pointerdown", 60, 60);
  return [
    await first("pointermove", 90, 60),
    await second("pointerdown", 200, 200),
    await second("pointermove", 210, 200),
    await second("pointerup", 210, 200),
    await first("pointermove", 90, 90),
  ];
}"""


def test_second_finger_draws_nothing(open_demo: OpenDemo) -> None:
    """Posé à côté du premier, un second doigt ne trace rien et n'arrête rien."""
    sheet = open_demo("chiffre", has_touch=True).locator(".chiffre-feuille")
    *during, after = sheet.evaluate(TWO_FINGERS)
    assert len(set(during)) == 1, "le second doigt a tracé"
    assert after != during[0], "le premier doigt ne trace plus"


def test_digit_by_keyboard(open_demo: OpenDemo) -> None:
    """Au clavier seul : poser le crayon, tracer un 1, le lever, effacer."""
    page = open_demo("chiffre")
    page.locator(".chiffre-feuille").focus()
    for key in ("ArrowUp",) * 7:
        page.keyboard.press(key)
    page.keyboard.press("Space")
    for _ in range(13):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".chiffre-verdict")).to_contain_text("Le réseau lit un 1")
    expect(page.locator("section[data-demo=chiffre] output.demo-cache")).to_contain_text("crayon levé")
    page.keyboard.press("Backspace")
    expect(page.locator(".chiffre-verdict")).to_have_text("À vous de dessiner.")
    for maps in page.locator(".chiffre-cartes").all():  # les cartes d'avant ne sont plus là
        expect(maps).to_have_attribute("aria-label", re.compile("aucune carte, la feuille est vide"))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".chiffre-verdict")).to_contain_text("c’est juste")


# --- La convolution à la main

CORRELATE = """({image, kernel, stride, padding}) => {
  const flat = { width: image[0].length, height: image.length, values: image.flat() };
  const { width, height, values } = demos.convolution.correlate(flat, kernel.flat(), kernel.length, stride, padding);
  return { width, height, values: [...values] };
}"""


def correlate(image: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Carte attendue, par NumPy : toutes les fenêtres, une sur `stride`, multipliées et additionnées."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, padding), kernel.shape)[::stride, ::stride]
    found: np.ndarray = (windows * kernel).sum(axis=(2, 3))
    return found


def test_convolution_is_that_of_numpy(open_demo: OpenDemo) -> None:
    """Images, noyaux, pas et bourrages tirés au hasard : même carte ; un bourrage de trop est vu."""
    page = open_demo("convolution")
    generator = np.random.default_rng(0)
    for _ in range(40):
        size, stride, padding = generator.choice([3, 5]), generator.integers(1, 4), generator.integers(0, 3)
        image = generator.normal(size=generator.integers(5, 20, 2))
        kernel = generator.normal(size=(size, size))
        request = {"image": image.tolist(), "kernel": kernel.tolist(), "stride": int(stride), "padding": int(padding)}
        found = page.evaluate(CORRELATE, request)
        expected = correlate(image, kernel, int(stride), int(padding))
        assert (found["height"], found["width"]) == expected.shape
        assert np.abs(np.array(found["values"]) - expected.ravel()).max() < 1e-6
    wrong = page.evaluate(CORRELATE, request | {"padding": int(padding) + 1})
    assert (wrong["height"], wrong["width"]) != expected.shape


def test_convolution_shows_the_sum(open_demo: OpenDemo) -> None:
    """Au clavier : réglages, poids changé, fenêtre déplacée ; la somme affichée est celle de NumPy, sur la photo."""
    page = open_demo("convolution")
    photo = json.loads((ROOT / "snippets/cnn_bricks/outputs/with_numpy/photo.json").read_text(encoding="utf-8"))
    pixels = np.frombuffer(base64.b64decode(photo["pixels"]), np.uint8).reshape(photo["cote"], -1) / 255
    zone = section(page, "convolution")
    expect(zone.get_by_text("Parcourir")).to_be_hidden()  # le lecteur a demandé moins de mouvement
    zone.get_by_role("button", name="Une photo").press("Enter")
    zone.get_by_role("combobox", name="Noyau", exact=True).select_option("Netteté")
    zone.get_by_role("combobox", name="Pas", exact=True).select_option("2")
    zone.get_by_role("combobox", name="Bourrage").select_option("1")
    zone.get_by_label("Poids, ligne 1, colonne 1").fill("0.25")
    kernel = np.array([[0.25, -1, 0], [-1, 5, -1], [0, -1, 0]])
    expected = correlate(pixels, kernel, 2, 1)
    zone.get_by_role("application", name="Carte obtenue").focus()
    for key in ("ArrowUp", "Shift+ArrowUp", "ArrowLeft", "Shift+ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    middle = round(photo["cote"] / 2 + 1 - 1.5) - 1  # la fenêtre partait du milieu, au pas de 1
    output = zone.locator("output")
    words = output.inner_text().replace("\u00a0", " ")
    row, column = (
        int(word) - 1 for word in (words.split("Ligne ")[1].split(",")[0], words.split("colonne ")[1].split(" ")[0])
    )
    assert row < middle and column < middle
    assert abs(float(output.get_attribute("data-value") or "nan") - expected[row, column]) < 1e-9
    assert abs(expected[row, column] - expected[row, column + 1]) > 1e-6, (
        "la case voisine vaut autant : rien n'est prouvé"
    )
    values = zone.locator(".conv-produits strong").all_inner_texts()
    total = sum(float(text.lstrip("= ").replace("−", "-").replace(",", ".")) for text in values)
    assert len(values) == 9 and abs(total - expected[row, column]) < 0.05


NEXT = """({map, name}) => {
  const flat = { width: map[0].length, height: map.length, values: Float64Array.from(map.flat()) };
  const { width, height, values } = demos.convolution.NEXT[name](flat);
  return { width, height, values: [...values] };
}"""


def squares(map_: np.ndarray) -> np.ndarray:
    """Carrés de 2 × 2, sans la dernière ligne ou colonne impaire : (lignes, 2, colonnes, 2)."""
    rows, columns = (n // 2 for n in map_.shape)
    return map_[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)


BRICKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "rien": lambda x: x,
    "ReLU": lambda x: np.maximum(x, 0),
    "sigmoïde": lambda x: 1 / (1 + np.exp(-x)),
    "maximum 2 × 2": lambda x: squares(x).max(axis=(1, 3)),
    "moyenne 2 × 2": lambda x: squares(x).mean(axis=(1, 3)),
    "normaliser": lambda x: (x - x.mean()) / np.sqrt(x.var() + 1e-5),
}


def test_second_brick_is_that_of_numpy(open_demo: OpenDemo) -> None:
    """Activation, pooling, normalisation : mêmes cartes que NumPy ; une brique prise pour une autre serait vue."""
    page = open_demo("convolution")
    generator = np.random.default_rng(0)
    for shape in ((1, 1), (4, 4), (5, 7), (8, 3), (12, 13)):
        map_ = generator.normal(scale=4, size=shape)
        found = {name: page.evaluate(NEXT, {"map": map_.tolist(), "name": name}) for name in BRICKS}
        for name, brick in BRICKS.items():
            expected = brick(map_)
            assert (found[name]["height"], found[name]["width"]) == expected.shape, f"{name}, {shape}"
            assert np.allclose(found[name]["values"], expected.ravel(), rtol=0, atol=1e-9), f"{name}, {shape}"
    answers = [found[name]["values"] for name in BRICKS]
    assert all(a != b for n, a in enumerate(answers) for b in answers[:n])


@pytest.mark.parametrize("source", ["Une grille de 7 × 7", "Une photo"])
def test_second_brick_follows_the_window(source: str, open_demo: OpenDemo) -> None:
    """Au clavier : chaque brique dit ce que devient la case regardée ; sur sa carte, une flèche avance d'une case."""
    page = open_demo("convolution")
    zone = section(page, "convolution")
    zone.get_by_role("button", name=source).press("Enter")
    if source == "Une photo":
        photo = json.loads((ROOT / "snippets/cnn_bricks/outputs/with_numpy/photo.json").read_text(encoding="utf-8"))
        image = np.frombuffer(base64.b64decode(photo["pixels"]), np.uint8).reshape(photo["cote"], -1) / 255
    else:
        image = np.array(page.evaluate("demos.convolution.GRID"), float)
    map_ = correlate(image, np.array([[-1, 0, 1]] * 3), 1, 0)
    output, last = zone.locator("output"), zone.get_by_role("application", name="Carte après la seconde brique")
    expect(last).to_be_hidden()
    for name, brick in BRICKS.items():
        zone.get_by_role("combobox", name="Ensuite").select_option(name)
        if name == "rien":
            continue
        expect(zone).to_contain_text(f"Ensuite, {name}\u00a0:")
        last.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
        words = output.inner_text().replace("\u00a0", " ")
        place = [int(re.findall(rf"{word} (\d+)", words)[0]) - 1 for word in ("Ligne", "colonne")]
        expected = brick(map_)
        row, column = (n // (map_.shape[0] // expected.shape[0]) for n in place)
        assert abs(float(output.get_attribute("data-next") or "nan") - expected[row, column]) < 1e-9, name
        before = output.inner_text()
        page.keyboard.press("ArrowRight")
        expect(output).not_to_have_text(before)
        assert abs(float(output.get_attribute("data-next") or "nan") - expected[row, column + 1]) < 1e-9, name


def test_second_brick_leaves_an_odd_edge(open_demo: OpenDemo) -> None:
    """Une carte de 5 × 5 : la dernière colonne n'entre dans aucun carré ; une carte d'une case n'en a aucun."""
    page = open_demo("convolution")
    zone = section(page, "convolution")
    zone.get_by_role("combobox", name="Ensuite").select_option("maximum 2 × 2")
    zone.get_by_role("application", name="Carte obtenue").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(zone.locator("output")).to_contain_text("aucun carré entier ne la prend")
    zone.get_by_role("combobox", name="Côté du noyau").select_option("5")
    zone.get_by_role("combobox", name="Pas", exact=True).select_option("3")
    expect(zone).to_contain_text("la carte est trop petite")
    expect(zone.get_by_role("application", name="Carte après la seconde brique")).to_be_hidden()


def test_convolution_refuses_huge_weights(open_demo: OpenDemo) -> None:
    """Un poids démesuré est ramené à mille : tout ce qui est écrit se lit, et le champ dit ce qui compte."""
    page = open_demo("convolution")
    zone = section(page, "convolution")
    field = zone.get_by_label("Poids, ligne 2, colonne 2")
    for typed, kept in (("1e30", "1000"), ("-1e308", "-1000")):
        field.fill(typed)
        field.press("Tab")
        expect(field).to_have_value(kept)
        assert not re.search("e[+]|NaN|Infinity|∞", zone.inner_text())


def test_an_edited_kernel_is_kept(open_demo: OpenDemo) -> None:
    """Un poids changé n'est plus celui d'un modèle : aucun n'est nommé, et changer de taille garde le noyau, centré."""
    page = open_demo("convolution")
    zone = section(page, "convolution")
    preset = zone.get_by_role("combobox", name="Noyau", exact=True)
    size = zone.get_by_role("combobox", name="Côté du noyau")
    weights = zone.locator(".conv-noyau input")
    expect(preset).to_have_value("Bords verticaux")
    zone.get_by_label("Poids, ligne 1, colonne 2").fill("7")
    expect(preset).to_have_value("")
    values = "fields => fields.map(field => Number(field.value))"
    edited = weights.evaluate_all(values)
    assert edited == [-1, 7, 1, -1, 0, 1, -1, 0, 1]
    size.select_option("5")
    assert weights.evaluate_all(values) == np.pad(np.reshape(edited, (3, 3)), 1).ravel().tolist()
    size.select_option("3")
    assert weights.evaluate_all(values) == edited
    preset.select_option("Flou")
    size.select_option("5")
    assert weights.evaluate_all(values) == [0.04] * 25  # un modèle choisi, lui, suit la taille


def test_travel_stops_with_its_picture(open_demo: OpenDemo) -> None:
    """Parcourir la photo puis passer à la grille arrête le parcours : il y courrait vingt fois trop vite."""
    zone = section(open_demo("convolution", reduced_motion="no-preference"), "convolution")
    zone.get_by_role("button", name="Une photo").click()
    travel = zone.get_by_role("button", name="Parcourir")
    travel.click()
    expect(zone.get_by_role("button", name="Arrêter")).to_be_visible()
    zone.get_by_role("button", name="Une grille").click()
    expect(travel).to_be_visible()


# --- Métriques

MEASURE = """([key, thresholds]) => thresholds.map((threshold) => demos.seuil.measure(demoData[key], threshold))"""
NAMES = ("with_tensorflow", "with_pytorch")


@pytest.mark.parametrize("name", NAMES)
def test_threshold_is_that_of_sklearn(name: str, open_demo: OpenDemo) -> None:
    """À tous les seuils essayés, les cases et les mesures de scikit-learn ; au seuil un demi, celles de la leçon."""
    script = Script(ROOT, "metrics_detector", name)
    data = json.loads((script.outputs / "scores.json").read_text(encoding="utf-8"))
    values = np.array(data["positifs"] + data["negatifs"])
    truth: np.ndarray = np.repeat([1, 0], [len(data["positifs"]), len(data["negatifs"])])
    spread = np.linspace(values.min() - 1, values.max() + 1, 15)
    thresholds = [*spread, *np.random.default_rng(0).choice(values, 10), 0.0]
    page = open_demo("seuil")
    found = page.evaluate(MEASURE, [f"{script.key}/scores.json", [float(t) for t in thresholds]])
    for threshold, measured in zip(thresholds, found, strict=True):
        alert = values > threshold
        tn, fp, fn, tp = confusion_matrix(truth, alert, labels=[0, 1]).ravel().tolist()
        assert [measured[case] for case in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
        assert abs(measured["precision"] - precision_score(truth, alert, zero_division=0)) < 1e-12
        assert abs(measured["recall"] - recall_score(truth, alert)) < 1e-12
        assert abs(measured["f1"] - f1_score(truth, alert)) < 1e-12
        assert abs(measured["alarms"] - fp / (fp + tn)) < 1e-12
    strict, loose = page.evaluate(MEASURE, [f"{script.key}/scores.json", [thresholds[15], thresholds[15] - 1e-6]])
    assert strict != loose, "un seuil posé sur un score : « supérieur » et « supérieur ou égal » ne se distinguent pas"
    area = page.evaluate("key => demos.seuil.area(demoData[key])", f"{script.key}/scores.json")
    assert abs(area - roc_auc_score(truth, values)) < 1e-9
    measures = ledger.read(script)["measures"]
    assert abs(found[-1]["precision"] - measures["val_precision"]) < 1e-12
    assert abs(found[-1]["recall"] - measures["val_recall"]) < 1e-12


def test_threshold_moves_everything(open_demo: OpenDemo) -> None:
    """Au clavier : le curseur avance d'un cran ; matrice, mesures et point suivent. Puis le seuil le moins coûteux."""
    page = open_demo("seuil")
    zone = section(page, "seuil")
    zone.get_by_role("button", name="Seuil un demi").press("Enter")
    watched = "[data-case], [data-mesure-demo], .seuil-point, .seuil-trait"
    state = "(nodes) => nodes.map((node) => node.textContent + node.getAttribute('cx') + node.getAttribute('x1'))"
    before = zone.locator(watched).evaluate_all(state)
    slider = zone.get_by_role("slider")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    expect(zone.locator("output")).to_contain_text("rappel")
    after = zone.locator(watched).evaluate_all(state)
    assert len(before) == 11 and all(a != b for a, b in zip(before, after, strict=True))
    assert (
        page.evaluate("document.querySelector('#seuil-curseur').getAttribute('aria-valuetext')") == "probabilité 0,269"
    )
    zone.get_by_role("button", name="Le moins coûteux").press("Enter")
    for label, name in (("Keras", "with_tensorflow"), ("PyTorch", "with_pytorch")):
        zone.get_by_role("button", name=label).press("Enter")
        zone.get_by_role("button", name="Le moins coûteux").press("Enter")
        best = ledger.read(Script(ROOT, "metrics_detector", name))["measures"]["best_threshold"]
        expected = f"{best:.3f}".replace(".", ",")
        expect(zone.locator("label strong")).to_contain_text(f"probabilité {expected}")


def test_threshold_refuses_a_negative_cost(open_demo: OpenDemo) -> None:
    zone = section(open_demo("seuil"), "seuil")
    field = zone.get_by_label("Coût d’un 8 manqué")
    for typed, kept, said in (("-5", "0", "0"), ("1e9", "1000", r"1\s000"), ("7", "7", "7"), ("2.5", "2.5", "2,5")):
        field.fill(typed)
        expect(zone).to_contain_text(re.compile(rf"coûtent {said}\s×"))  # à la française
        field.press("Tab")
        expect(field).to_have_value(kept)


# --- Pour tous

GESTURES = {
    "chiffre": "Une de ses erreurs",
    "convolution": "Une photo",
    "seuil": "Le moins coûteux",
}


@pytest.mark.parametrize("name", DEMOS)
def test_demo_is_accessible(name: str, open_demo: OpenDemo, built_site: Path) -> None:
    """Avant, pendant et après un geste : axe ne voit aucune faute, en clair, en sombre et sur un téléphone."""
    within = {"include": [["section.demo"]]}
    with browser.serve(built_site) as url:
        page = open_demo(name, start=False, url=url)
        faults = violations(page, within=within)  # avant : l'image fixe
        page.set_viewport_size(PHONE)
        switch_theme(page, "slate")
        start_demo(page, name)
        faults += violations(page, within=within)  # pendant, sur un téléphone, en sombre
        page.set_viewport_size(DESKTOP)
        switch_theme(page, "default")
        section(page, name).get_by_role("button", name=GESTURES[name]).click()
        if name == "convolution":
            section(page, name).get_by_role("combobox", name="Ensuite").select_option("ReLU")
        page.wait_for_timeout(300)
        faults += violations(page, within=within)  # après un geste, en clair
        page.set_viewport_size(NARROW)
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        page.evaluate("document.querySelector('.demo-zone button').textContent = ''")
        unnamed = violations(page, within=within, runOnly=["button-name"])
    assert unnamed, "un bouton sans nom n'est pas vu"
    assert not faults, "\n".join(faults)
    assert widths[0] <= widths[1], f"{name} déborde d'un écran étroit : {widths}"


@pytest.mark.parametrize("name", DEMOS)
def test_still_picture_without_javascript(name: str, open_demo: OpenDemo) -> None:
    """Sans JavaScript, l'image et sa description restent, et une phrase dit pourquoi rien ne bouge."""
    page = open_demo(name, start=False, java_script_enabled=False)
    picture = section(page, name).locator(".demo-image svg")
    expect(picture).to_be_visible()
    assert picture.locator("title").text_content() and len(picture.locator("desc").text_content() or "") > 60
    expect(section(page, name)).to_contain_text("demande JavaScript")


@pytest.mark.parametrize("fault", ["chiffre.js", "cnn_mnist.json.js"])
def test_broken_demo_keeps_its_picture(fault: str, chromium: Browser, built_site: Path) -> None:
    """Un fichier perdu ou abîmé : l'image reste et le lecteur est prévenu."""
    context = chromium.new_context(viewport=ViewportSize(width=800, height=600))
    context.route(f"**/{fault}", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = context.new_page()
    with browser.serve(built_site) as url:
        page.goto(url + PAGES["chiffre"])
        section(page, "chiffre").scroll_into_view_if_needed()
        expect(section(page, "chiffre").get_by_role("alert")).to_contain_text("La démo n’a pas démarré", timeout=READY)
        expect(section(page, "chiffre").locator(".demo-image svg")).to_be_visible()
    context.close()
