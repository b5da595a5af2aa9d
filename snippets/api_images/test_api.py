# --8<-- [start:imports]
"""Les tests de l'API : chaque image, chaque erreur, chaque réglage."""

import base64
import dataclasses
import io
import json
import logging
import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import models
import numpy as np
import pytest
import serve
from app import create_app
from images import DECODER, ENOUGH, FORMATS, open_image
from PIL import Image, ImageDraw, ImageOps
from settings import Settings, SettingsError, read_settings

HERE = Path(__file__).resolve().parent
# --8<-- [end:imports]

# --8<-- [start:draw]
STROKES = {
    1: [(160, 50), (130, 230)],
    4: [(190, 230), (190, 50), (70, 170), (230, 170)],
    7: [(70, 60), (210, 60), (120, 230)],
}


def draw(digit):
    """Un chiffre au feutre noir, sur une feuille blanche."""
    image = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(image).line(STROKES[digit], "black", 22, "curve")
    return image


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


SEVEN = draw(7)
JPEG = encode(SEVEN, "JPEG")
# --8<-- [end:draw]


# --8<-- [start:special]
def png(width, height, pixels, interlaced=0):
    """Un PNG gris écrit à la main : Pillow n'entrelace pas."""

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + crc.to_bytes(4)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def interlaced(image):
    """Sept passes, de la plus grossière à la plus fine."""
    gray = np.asarray(image.convert("L"))
    passes = ["0088", "4088", "0448", "2044", "0224", "1022", "0112"]
    lines = [
        b"\0" + line.tobytes()
        for x, y, across, down in (map(int, digits) for digits in passes)
        for line in gray[y::down, x::across]
    ]
    return png(image.width, image.height, b"".join(lines), interlaced=1)


def transparent(image):
    """De l'encre noire sur rien : sans fond blanc, tout serait noir."""
    ink = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ink.putalpha(ImageOps.invert(image.convert("L")))
    return ink


def turned(image):
    """Couchée, avec l'étiquette EXIF qui dit de la redresser."""
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = image.transpose(Image.Transpose.ROTATE_90)
    return encode(sideways, "JPEG", exif=exif)


# --8<-- [end:special]

# --8<-- [start:accepted]
DEEP = Image.fromarray(np.asarray(SEVEN.convert("L")).astype("uint16") * 257)
ACCEPTED = {
    "JPEG": JPEG,
    "JPEG progressif": encode(SEVEN, "JPEG", progressive=True),
    "JPEG en CMJN": encode(SEVEN.convert("CMYK"), "JPEG"),
    "JPEG gris": encode(SEVEN.convert("L"), "JPEG"),
    "JPEG couché": turned(SEVEN),
    "PNG": encode(SEVEN, "PNG"),
    "PNG à palette": encode(SEVEN.convert("P"), "PNG"),
    "PNG noir et blanc": encode(SEVEN.convert("1"), "PNG"),
    "PNG transparent": encode(transparent(SEVEN), "PNG"),
    "PNG à 16 bits": encode(DEEP, "PNG"),
    "PNG entrelacé": interlaced(SEVEN),
    "GIF animé": encode(
        SEVEN, "GIF", save_all=True, append_images=[draw(1), draw(4)]
    ),
    "WebP": encode(SEVEN, "WEBP"),
    "WebP transparent": encode(transparent(SEVEN), "WEBP", lossless=True),
    "BMP": encode(SEVEN, "BMP"),
    "craie blanche": encode(ImageOps.invert(SEVEN), "PNG"),
    "très grande": encode(SEVEN.resize((4000, 4000)), "JPEG"),
}


@pytest.fixture(scope="session")
def client():
    return create_app(Settings(rate="100000/minute")).test_client()


def send(client, data, name="chiffre.jpg"):
    return client.post("/predict", data={"image": (io.BytesIO(data), name)})


def check_seven(response):
    assert response.status_code == 200, response.text
    predictions = response.json["predictions"]
    chances = [found["probabilite"] for found in predictions]
    assert len(chances) == 5 and chances == sorted(chances, reverse=True)
    best = predictions[0]
    assert (best["etiquette"], best["etiquette_fr"]) == ("7", "sept")
    assert chances[0] > 0.5


@pytest.mark.parametrize("kind", ACCEPTED)
def test_every_format_is_read(client, kind):
    check_seven(send(client, ACCEPTED[kind]))


def test_huge_images_are_shortened(client):
    big = encode(transparent(SEVEN).resize((5000, 5000)), "PNG")
    check_seven(send(client, big))
    for data in (big, encode(SEVEN.resize((60000, 400)), "PNG")):
        image = open_image(data)
        assert image.width * image.height < 4 * ENOUGH**2


@pytest.mark.parametrize("digit", STROKES)
def test_digits_are_recognised(client, digit):
    answer = send(client, encode(draw(digit), "PNG")).json
    assert answer["predictions"][0]["etiquette"] == str(digit)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\0b.jpg", "x" * 5000, "été/.jpg", ""]
)
def test_file_name_is_ignored(client, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_seven(send(client, JPEG, name))
    assert not list(tmp_path.iterdir())


# --8<-- [end:accepted]

# --8<-- [start:refused]
REFUSED = {
    "fichier vide": (b"", 400, "image_vide"),
    "texte renommé": (b"Bonjour. " * 99, 415, "format_inconnu"),
    "SVG": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        415,
        "format_inconnu",
    ),
    "TIFF": (encode(SEVEN, "TIFF"), 415, "format_inconnu"),
    "JPEG tronqué": (JPEG[: len(JPEG) // 2], 400, "image_illisible"),
    "PNG tronqué": (ACCEPTED["PNG"][:-40], 400, "image_illisible"),
    "un pixel": (
        encode(SEVEN.resize((1, 1)), "PNG"),
        422,
        "image_trop_petite",
    ),
    "20000 × 1": (png(20000, 1, bytes(20001)), 422, "image_trop_petite"),
    "36 mégapixels": (png(6000, 6000, b""), 413, "image_trop_grande"),
    "bombe": (png(65000, 65000, b""), 413, "image_trop_grande"),
    "page blanche": (
        encode(SEVEN.crop((0, 0, 50, 50)), "PNG"),
        422,
        "chiffre_absent",
    ),
    "trop lourd": (bytes(8 * 1024 * 1024), 413, "requete_trop_lourde"),
}


def check_error(response, status, code):
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    assert set(response.json) == {"erreur"}
    error = response.json["erreur"]
    assert error["code"] == code and error["message"].endswith(".")
    assert set(error) <= {"code", "message", "aide"}


@pytest.mark.parametrize("kind", REFUSED)
def test_bad_images_are_refused(client, kind):
    data, status, code = REFUSED[kind]
    check_error(send(client, data), status, code)


# --8<-- [end:refused]

# --8<-- [start:json]
TEXT = base64.b64encode(JPEG).decode()


@pytest.mark.parametrize(
    "text",
    [TEXT, f"data:image/jpeg;base64,{TEXT}", f"{TEXT[:76]}\n{TEXT[76:]}"],
)
def test_base64_is_read(client, text):
    check_seven(client.post("/predict", json={"image": text}))


BODIES = {
    "pas du JSON": ("{image:", "json_illisible"),
    "vide": ("", "json_illisible"),
    "trop profond": ("[" * 100_000, "json_illisible"),
    "mauvais encodage": (b'"\xff\xfe"', "json_illisible"),
    "liste": ("[1, 2]", "image_absente"),
    "sans image": ('{"photo": "AAAA"}', "image_absente"),
    "nombre": ('{"image": 7}', "image_absente"),
    "null": ('{"image": null}', "image_absente"),
    "pas du base64": ('{"image": "§§§"}', "base64_invalide"),
    "base64 coupé": ('{"image": "AAAAA"}', "base64_invalide"),
    "autre préfixe": (
        '{"image": "data:text/html;base64,AAAA"}',
        "base64_invalide",
    ),
    "image vide": ('{"image": ""}', "image_vide"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_bad_json_is_refused(client, kind):
    body, code = BODIES[kind]
    response = client.post(
        "/predict", data=body, content_type="application/json"
    )
    check_error(response, 400, code)


# --8<-- [end:json]


# --8<-- [start:protocol]
def test_image_is_required(client):
    check_error(
        client.post("/predict", data={"autre": "x"}), 415, "contenu_inconnu"
    )
    form = {"content_type": "multipart/form-data"}
    response = client.post("/predict", data={"image": "texte"}, **form)
    check_error(response, 400, "image_absente")
    response = client.post("/predict", data=b"n'importe quoi", **form)
    check_error(response, 400, "image_absente")


def test_too_many_fields(client):
    fields = {f"champ{rank}": "x" for rank in range(1001)}
    form = {"content_type": "multipart/form-data"}
    response = client.post("/predict", data=fields, **form)
    check_error(response, 413, "requete_trop_lourde")


def test_unknown_content_is_refused(client):
    response = client.post("/predict", data=JPEG, content_type="image/jpeg")
    check_error(response, 415, "contenu_inconnu")
    check_error(client.post("/predict"), 415, "contenu_inconnu")


def test_unknown_route_and_method(client):
    check_error(client.get("/inconnu"), 404, "route_inconnue")
    check_error(client.get("/static/../app.py"), 404, "route_inconnue")
    response = client.get("/predict")
    check_error(response, 405, "methode_interdite")
    assert set(response.allow) == {"POST", "OPTIONS"}


def test_health_page_and_description(client):
    health = client.get("/sante").json
    assert health["etat"] == "prêt" and health["modele"]["nom"] == "chiffres"
    assert health["modele"] == send(client, JPEG).json["modele"]
    assert client.get("/").mimetype == "text/html"
    assert client.get("/openapi.json").json["openapi"] == "3.1.0"


@pytest.mark.parametrize("rate", ["2/minute", "1000/day; 2/minute"])
def test_rate_limit(rate):
    client = create_app(Settings(rate=rate)).test_client()
    for _ in range(2):
        check_seven(send(client, JPEG))
    response = send(client, JPEG)
    check_error(response, 429, "trop_de_requetes")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert [client.get("/sante").status_code for _ in range(5)] == [200] * 5
    assert client.get("/").status_code == 200  # chaque route a son compte
    client.environ_base["REMOTE_ADDR"] = "10.0.0.9"  # chaque adresse aussi
    check_seven(send(client, JPEG))


def test_small_image_does_not_wait_for_a_big_one():
    done = Event()
    big = DECODER.submit(done.wait, 10)  # occupe le fil des grandes
    open_image(JPEG)
    assert not big.done()
    done.set()


def test_crash_leaves_no_trace(caplog):
    app = create_app(Settings())
    app.add_url_rule("/panne", view_func=lambda: 1 / 0)
    response = app.test_client().get("/panne")
    check_error(response, 500, "erreur_interne")
    assert "ZeroDivision" not in response.text
    assert "ZeroDivision" in caplog.text


# --8<-- [end:protocol]


# --8<-- [start:headers]
def test_security_headers(client):
    for response in (client.get("/"), client.get("/inconnu")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy


def test_other_origins_are_closed_by_default(client):
    origin = {"Origin": "https://exemple.fr"}
    header = "Access-Control-Allow-Origin"
    assert header not in client.get("/sante", headers=origin).headers
    ours = create_app(Settings(origins=("https://exemple.fr",))).test_client()
    response = ours.get("/sante", headers=origin)
    assert response.headers[header] == "https://exemple.fr"
    origin = {"Origin": "https://exemple.fr.pirate.net"}
    assert header not in ours.get("/sante", headers=origin).headers


def test_preflight_is_never_limited():
    asking = {
        "Origin": "https://exemple.fr",
        "Access-Control-Request-Method": "POST",
    }
    settings = Settings(rate="1/minute", origins=("https://exemple.fr",))
    client = create_app(settings).test_client()
    for _ in range(3):
        response = client.options("/predict", headers=asking)
        assert response.status_code == 200
        assert response.headers["Access-Control-Max-Age"] == "600"
    assert client.get("/", headers=asking).status_code == 200
    response = client.get("/", headers=asking)  # la page peut lire ce refus
    assert response.status_code == 429
    assert response.headers["Access-Control-Allow-Origin"] == asking["Origin"]


@pytest.mark.parametrize("given", ["commande-42", "x" * 65, "a b", "é", ""])
def test_request_identifier(client, given):
    response = client.get("/sante", headers={"X-Request-ID": given})
    kept = response.headers["X-Request-ID"] == given
    assert kept == (given == "commande-42")


def test_address_behind_a_proxy():
    app = create_app(Settings(rate="1/minute", proxies=1))
    visits = ["10.0.0.1", "10.0.0.2", "10.0.0.1"]
    statuses = [
        app.test_client().get("/", headers={"X-Forwarded-For": address})
        for address in visits
    ]
    assert [found.status_code for found in statuses] == [200, 200, 429]


# --8<-- [end:headers]


# --8<-- [start:journal]
def test_journal_says_little(client, caplog):
    with caplog.at_level(logging.INFO, logger="api"):
        send(client, JPEG, "secret.jpg")
    record = caplog.records[-1]
    line = json.loads(serve.JsonFormatter().format(record))
    assert line["methode"] == "POST" and line["chemin"] == "/predict"
    assert line["statut"] == 200 and line["duree_ms"] > 0
    assert "secret" not in str(line) and "127.0.0.1" not in str(line)


def test_journal_of_gunicorn_is_anonymous():
    for address in ("192.0.2.7", "2001:db8::7"):
        text = f"Invalid request from ip={address}: Invalid HTTP Version"
        record = logging.LogRecord("", logging.WARNING, "", 0, text, (), None)
        assert serve.Anonymous().filter(record)
        assert record.getMessage() == "Invalid request : Invalid HTTP Version"


def test_journal_keeps_traces():
    try:
        1 / 0
    except ZeroDivisionError:
        details = ("api", logging.ERROR, "", 0, "panne", (), sys.exc_info())
    line = serve.JsonFormatter().format(logging.LogRecord(*details))
    assert "ZeroDivisionError" in json.loads(line)["trace"]


# --8<-- [end:journal]


# --8<-- [start:settings]
def test_settings_are_read():
    environ = {"PORT": "80", "ORIGINES": "http://a.fr, https://b.fr:8443"}
    found = read_settings(environ)
    assert found.port == 80 and found.model == "chiffres"
    assert found.origins == ("http://a.fr", "https://b.fr:8443")


@pytest.mark.parametrize(
    "setting",
    [
        "PORT=abc",
        "PORT=0",
        "PORT=70000",
        "OUVRIERS=-1",
        "FILS=0",
        "MANDATAIRES=x",
        "DEBIT=beaucoup",
        "ORIGINES=*",
        "ORIGINES=https://exemple.fr/",
        "PIXELS=blanc",
        "SERVEUR=apache",
        "MOTEUR=diesel",
        "MODELE=chats",
        "MODELE=absent.onnx",
    ],
)
def test_bad_setting_is_explained(setting, monkeypatch, capsys):
    monkeypatch.setenv(*setting.split("="))
    with pytest.raises(SystemExit) as stopped:
        serve.main()
    assert str(stopped.value).startswith(f"Réglage refusé. {setting} : ")


# --8<-- [end:settings]

# --8<-- [start:own]
COLORS = {"red": "rouge", "lime": "vert", "blue": "bleu"}
needs_onnx = pytest.mark.skipif(
    find_spec("onnxruntime") is None, reason="paquet absent"
)
needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None, reason="paquet absent"
)
needs_keras = pytest.mark.skipif(
    find_spec("keras") is None, reason="paquet absent"
)


def own_settings(path, labels=HERE / "models" / "couleurs.txt", **others):
    environ = {"MODELE": str(path), "ETIQUETTES": str(labels)}
    return read_settings(environ | others)


def check_colors(model):
    for color, name in COLORS.items():
        best = model.predict(Image.new("RGB", (60, 40), color))[0]
        assert best["etiquette_fr"] == name and best["probabilite"] == 1


@needs_onnx
def test_own_onnx_model():
    check_colors(
        models.load_model(own_settings(HERE / "models/couleurs.onnx"))
    )


@needs_openvino
@pytest.mark.parametrize("engine", ["openvino", "openvino-bf16"])
def test_own_onnx_model_with_openvino(engine):
    path = HERE / "models/couleurs.onnx"
    model = models.load_model(own_settings(path, MOTEUR=engine, FILS="3"))
    check_colors(model)
    shades = [Image.new("RGB", (40, 40), (0, n, 255 - n)) for n in range(256)]
    alone = [model.predict(shade) for shade in shades]
    with ThreadPoolExecutor(8) as threads:  # plus de fils que de calculs
        assert list(threads.map(model.predict, shades)) == alone
    assert sys.modules["openvino_telemetry"] is None  # rien ne part


@needs_keras
def test_own_keras_model(tmp_path):
    import keras

    layers = [keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D()]
    keras.Sequential(layers).save(tmp_path / "couleurs.keras")
    check_colors(models.load_model(own_settings(tmp_path / "couleurs.keras")))


def served(monkeypatch, forward):
    """Fait de ce calcul le modèle `chiffres`."""
    real = models.load_digits

    def load(settings):
        return dataclasses.replace(real(settings), forward=forward)

    monkeypatch.setitem(models.LOADERS, "chiffres", load)


def test_scores_that_are_not_numbers(monkeypatch):
    scores = np.zeros((1, 10))
    served(monkeypatch, lambda values: scores)
    client = create_app(Settings()).test_client()
    assert send(client, JPEG).status_code == 200
    scores[0, 3] = np.nan  # jamais de `NaN` : ce n'est pas du JSON
    check_error(send(client, JPEG), 500, "erreur_interne")
    with pytest.raises(SettingsError, match="pas un nombre fini"):
        create_app(Settings())


def test_one_score_is_not_enough(monkeypatch):
    served(monkeypatch, lambda values: np.ones((1, 1)))
    monkeypatch.setattr(models, "read_labels", lambda path: [("un", "un")])
    with pytest.raises(SettingsError, match="deux au moins"):
        create_app(Settings())


def test_version_follows_weights_kept_beside(tmp_path):
    path = tmp_path / "grand.onnx"
    path.write_bytes(b"graphe")
    seen = {models.fingerprint(path)}
    for weights in (b"poids", b"autres poids"):
        (tmp_path / "grand.onnx.data").write_bytes(weights)
        seen.add(models.fingerprint(path))
    assert len(seen) == 3


@needs_onnx
def test_wrong_models_are_explained(tmp_path, capsys, monkeypatch):
    broken, labels = tmp_path / "faux.onnx", tmp_path / "deux.txt"
    broken.write_bytes(b"ceci n'est pas un modele")
    labels.write_text("chat\nchien\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        serve.start(own_settings(broken))
    assert "ne se charge pas" in capsys.readouterr().err
    with pytest.raises(SettingsError, match="3 nombres par image, pour 2"):
        models.load_model(own_settings(HERE / "models/couleurs.onnx", labels))
    monkeypatch.setitem(
        models.LOADERS,
        ".onnx",
        lambda settings: models.own_model(settings, [None, 784], None),
    )
    with pytest.raises(SettingsError, match=r"entrée .* incomprise"):
        models.load_model(own_settings(broken))


# --8<-- [end:own]

# --8<-- [start:mobilenet]
KERAS_HOME = os.environ.get("KERAS_HOME", Path.home() / ".keras")
WEIGHTS = Path(KERAS_HOME, "models", models.WEIGHTS)


@needs_keras
@pytest.mark.skipif(not WEIGHTS.is_file(), reason="poids pas téléchargés")
def test_mobilenet():
    from keras.applications.mobilenet_v2 import preprocess_input

    model = models.load_model(read_settings({"MODELE": "mobilenet"}))
    assert len(model.labels) == 1000
    assert model.labels[281] == ("tabby", "chat tabby")
    noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3))
    image = Image.fromarray(noise.astype("uint8"))
    expected = preprocess_input(np.asarray(image, dtype="float32"))
    assert np.allclose(model.prepare(image), expected, atol=1e-6)
    assert len(model.predict(SEVEN)) == 5


# --8<-- [end:mobilenet]


# --8<-- [start:description]
def test_description_lists_every_error():
    text = (HERE / "openapi.json").read_text(encoding="utf-8")
    error = json.loads(text)["components"]["schemas"]["Erreur"]
    error = error["properties"]["erreur"]["properties"]
    listed = set(error["code"]["enum"])
    sources = [HERE / "app.py", HERE / "images.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert all(f'"{name}"' in code for name in listed)
    expected = {name for _, _, name in REFUSED.values()}
    expected |= {name for _, name in BODIES.values()}
    assert expected <= listed
    assert all(kind in text.upper() for kind in FORMATS)


# --8<-- [end:description]
