"""La page web de l'API d'images, dans un vrai Chromium, et ses clients, contre le serveur en marche.

Chaque contrôle est une fonction `check_…` : `test_page` l'exige de la page publiée, `test_control_is_able_to_fail` la
relance sur une page où une seule faute a été glissée, et exige l'échec.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect
from proof import browser
from proof.browser import violations
from proof.project import ROOT

API, CLIENTS = ROOT / "snippets/api_images", ROOT / "snippets/api_clients"
DECIMAL = re.compile(r"\d+\.\d+")
pytestmark = pytest.mark.cached(
    "tests/test_api_page.py",
    "tests/conftest.py",
    "tests/proof/browser.py",
    "snippets/api_images",
    "snippets/api_clients",
)
STARTUP = 90  # secondes laissées au serveur, modèle chargé
LONG, SHORT = 10_000, 2_000  # millisecondes laissées à chaque geste, page publiée et page fautive
HEAVY = 8_000_001  # octets : un de trop
# Réglages du serveur : l'un laisse tout passer, l'autre refuse vite.
GENEROUS = {"DEBIT": "10000/minute", "OUVRIERS": "1"}
STRICT_RATE = 3  # requêtes par minute
STRICT = {"DEBIT": f"{STRICT_RATE}/minute", "OUVRIERS": "1"}
PHONE = {"width": 360, "height": 640}


def digit() -> bytes:
    """Un « 1 » tracé à l'encre noire sur papier blanc, en PNG."""
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(140, 50), (140, 230)], fill=0, width=22)
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


DIGIT = digit()


@contextlib.contextmanager
def server(**settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Lance l'API sur un port libre ; rend son adresse, avec / final, et son processus."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(API / "serve.py")],
        cwd=API,
        env=dict(os.environ) | {"PYTHONUTF8": "1", "PORT": str(port)} | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + STARTUP
        while True:
            try:
                urllib.request.urlopen(url + "sante", timeout=5).read()
                break
            except OSError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"serve.py ne répond pas ; le lancer pour lire son journal ({error})") from error
                time.sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Visitor:
    """Ouvre des pages de l'API ; `sabotage` : fichier statique → (texte, faute qui le remplace)."""

    chromium: Browser
    urls: dict[str, str]
    patience: float = LONG
    sabotage: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, kind: str = "ordinary", **options: Any) -> Page:
        """Page d'accueil du serveur `kind`, dans un contexte neuf."""
        context = self.chromium.new_context(locale="fr-FR", **options)
        context.set_default_timeout(self.patience)
        self.contexts.append(context)
        refused = browser.watch(context)
        for name, (old, new) in self.sabotage.items():
            context.route(re.compile("/$" if name == "index.html" else re.escape(name) + "$"), spoil(old, new))
        self.refused = refused
        page = context.new_page()
        self.errors = browser.page_errors(page)
        page.goto(self.urls[kind])
        if options.get("java_script_enabled", True):
            expect(page.locator("#model")).to_contain_text("version")
        return page

    def close(self) -> None:
        """Ferme tout."""
        for context in self.contexts:
            context.close()


def spoil(old: str, new: str) -> Callable[[Route], None]:
    """Sert le fichier demandé, une faute glissée dedans."""

    def route(request: Route) -> None:
        response = request.fetch()
        text = response.text()
        if old not in text:
            raise ValueError(f"la faute ne se glisse plus : {old} est introuvable dans {request.request.url}")
        request.fulfill(response=response, body=text.replace(old, new, 1))

    return route


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with server(**GENEROUS) as (ordinary, _), server(**STRICT) as (strict, _):
        yield {"ordinary": ordinary, "strict": strict}


@pytest.fixture
def visitor(chromium: Browser, urls: dict[str, str]) -> Iterator[Visitor]:
    visitor = Visitor(chromium, urls)
    yield visitor
    visitor.close()


# --- Gestes


def choose(page: Page, content: bytes = DIGIT, name: str = "un.png") -> None:
    """Choisit un fichier."""
    page.locator("#file").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def read_one(page: Page, caption: str) -> None:
    """La réponse montrée est celle du « 1 » : cinq lignes, décroissantes, annoncées."""
    expect(page.locator("#caption")).to_have_text(caption)
    expect(page.locator("#predictions li")).to_have_count(5)
    expect(page.locator("#predictions .label").first).to_have_text("un 1")
    shown = page.locator("#predictions .value").all_inner_texts()
    values = [float(re.sub(r"[\s%]", "", text).replace(",", ".")) for text in shown]
    assert values == sorted(values, reverse=True) and 50 < values[0] <= 100, f"ce n'est pas un 1 net : {values}"
    widths = page.locator("#predictions .bar").evaluate_all(
        "bars => bars.map(bar => 100 * bar.offsetWidth / bar.parentElement.clientWidth)"
    )
    assert all(abs(width - value) < 2 for width, value in zip(widths, values, strict=True)), (widths, values)
    expect(page.locator("#status")).to_contain_text("En tête, un à ")
    expect(page.locator("#error")).to_be_empty()
    assert page.locator("#preview").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def stroke(page: Page) -> None:
    """Trace un « 1 » à la souris."""
    page.locator("#canvas").scroll_into_view_if_needed()
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 230, steps=12)
    page.mouse.up()


def ink(page: Page) -> int:
    """Pixels noircis de la toile."""
    count: int = page.locator("#canvas").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.filter((value, rank) => rank % 4 === 0 && value < 128).length"
    )
    return count


def hold(page: Page, first_only: bool = False) -> list[Route]:
    """Retient les demandes de prédiction ; rend celles qui attendent."""
    held: list[Route] = []

    def route(request: Route) -> None:
        if first_only and held:
            request.continue_()
        else:
            held.append(request)

    page.route("**/predict", route)
    return held


# --- Contrôles


def check_choose(visitor: Visitor) -> None:
    """Choisir un fichier : réponse, modèle nommé, aucun autre hôte appelé, aucune erreur dans la console."""
    page = visitor.open()
    choose(page)
    read_one(page, "un.png")
    expect(page.locator("#model")).to_have_text(re.compile(r"^Modèle chiffres, version \S+$"))
    assert visitor.refused == [], "la page appelle d'autres hôtes"
    assert visitor.errors == []


def check_drop(visitor: Visitor) -> None:
    """Déposer un fichier venu du bureau, à côté du champ."""
    page = visitor.open()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "un.png"
        path.write_bytes(DIGIT)
        session = page.context.new_cdp_session(page)
        for kind in ("dragEnter", "dragOver", "drop"):
            data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 30, "y": 30, "data": data})
        read_one(page, "Image déposée")


def check_paste(visitor: Visitor) -> None:
    """Coller une image du presse-papiers ; sans image, le dire."""
    page = visitor.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async data => {
          const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
          const image = new Blob([bytes], { type: "image/png" })
          await navigator.clipboard.write([new ClipboardItem({ "image/png": image })])
        }""",
        base64.b64encode(DIGIT).decode(),
    )
    page.keyboard.press("ControlOrMeta+V")
    read_one(page, "Image collée")
    page.evaluate("navigator.clipboard.writeText('sept')")
    page.keyboard.press("ControlOrMeta+V")
    expect(page.get_by_role("alert")).to_have_text("Il n'y a pas d'image dans ce que vous avez collé.")


def check_draw(visitor: Visitor) -> None:
    """Dessiner un chiffre à la souris, changer l'épaisseur, effacer."""
    page = visitor.open()
    assert ink(page) == 0
    stroke(page)
    read_one(page, "Votre dessin")
    thin = ink(page)
    assert thin > 1000
    page.get_by_role("button", name="Effacer").click()
    assert ink(page) == 0, "la toile n'est pas effacée"
    page.get_by_label("Épaisseur du trait").fill("40")
    stroke(page)
    assert ink(page) > 1.5 * thin, "l'épaisseur ne change rien"


def check_touch(visitor: Visitor) -> None:
    """Dessiner au doigt, sur un téléphone : le doigt trace, la page ne défile pas."""
    page = visitor.open(viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator("#canvas").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"]
    session = page.context.new_cdp_session(page)
    for step in range(13):
        kind = "touchMove" if step else "touchStart"
        point = {"x": x, "y": y + (230 - 15 * step) * box["height"] / 280}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    read_one(page, "Votre dessin")
    assert page.evaluate("scrollY") == before, "la page défile sous le doigt"


def check_two_fingers(visitor: Visitor) -> None:
    """Un second doigt posé sur la toile ne trace rien, et ne tire pas le trait du premier jusqu'à lui."""
    page = visitor.open(viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator("#canvas").scroll_into_view_if_needed()
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for step in range(13):
        y = box["y"] + (50 + 15 * step) * box["height"] / 280
        points = [{"x": box["x"] + box["width"] / 2, "y": y, "id": 0}]
        if step:
            points.append({"x": box["x"] + box["width"] * 0.9, "y": y, "id": 1})
        kind = "touchMove" if step > 1 else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    read_one(page, "Votre dessin")
    assert ink(page) < 6000, "le second doigt trace aussi"


def check_old_browser(visitor: Visitor) -> None:
    """Un navigateur de 2022, sans `AbortSignal.any`."""
    page = visitor.open()
    page.context.add_init_script("delete AbortSignal.any")
    page.reload()
    choose(page)
    read_one(page, "un.png")


def check_late_health(visitor: Visitor) -> None:
    """`/sante` échoue après coup : la réponse déjà montrée reste."""
    page = visitor.open()
    held: list[Route] = []
    page.route("**/sante", lambda route: held.append(route))
    page.reload()
    choose(page)
    read_one(page, "un.png")
    assert len(held) == 1
    held[0].abort()
    page.wait_for_timeout(200)
    read_one(page, "un.png")


def check_keyboard(visitor: Visitor) -> None:
    """Au clavier seul : tout s'atteint, dans l'ordre, avec un contour visible ; Espace ouvre le choix d'un fichier."""
    page = visitor.open()
    page.on("filechooser", lambda chooser: None)  # Chromium a tout ce test pour se préparer à le dire
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        active = page.locator(":focus")
        reached.append(active.evaluate("element => element.id || element.localName"))
        outline = active.evaluate("element => getComputedStyle(element).outline")
        assert "3px" in outline and "none" not in outline, f"contour de {reached[-1]} : {outline}"
    assert reached == ["file", "thickness", "erase", "a"]
    page.locator("#file").focus()
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Space")
    chosen.value.set_files({"name": "un.png", "mimeType": "image/png", "buffer": DIGIT})
    read_one(page, "un.png")
    before = page.get_by_label("Épaisseur du trait").input_value()
    page.locator("#thickness").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Épaisseur du trait").input_value() != before


def check_unreadable(visitor: Visitor) -> None:
    """Un texte renommé en image : le message du serveur, en entier, dans une zone d'alerte ; puis on recommence."""
    page = visitor.open()
    with page.expect_response("**/predict") as answer:
        choose(page, b"Ceci n'est pas une image.", "faux.png")
    assert answer.value.status in (400, 415, 422)
    error = answer.value.json()["erreur"]
    expect(page.get_by_role("alert")).to_contain_text(error["message"])
    expect(page.get_by_role("alert")).to_contain_text(error.get("aide", ""))
    expect(page.locator("#predictions li")).to_have_count(0)
    expect(page.locator("#shown")).to_be_hidden()
    expect(page.locator("#retry")).to_be_hidden()
    choose(page)
    read_one(page, "un.png")
    expect(page.get_by_role("button", name="Réessayer")).to_be_hidden()


def check_heavy(visitor: Visitor) -> None:
    """Une image de plus de 8 Mo n'est pas envoyée."""
    page = visitor.open()
    held = hold(page)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lourde.png"
        with path.open("wb") as file:
            file.truncate(HEAVY)
        page.locator("#file").set_input_files(path)
        expect(page.get_by_role("alert")).to_contain_text("8 Mo")
    expect(page.locator("#retry")).to_be_hidden()
    assert held == [], "l'image trop lourde part quand même"


def check_refused_by_server(visitor: Visitor) -> None:
    """413 : une image légère, mais démesurée, que seul le serveur sait refuser."""
    page = visitor.open()
    huge = io.BytesIO()
    Image.new("1", (6000, 6000)).save(huge, "png")
    with page.expect_response("**/predict") as answer:
        choose(page, huge.getvalue())
    assert answer.value.status == 413
    expect(page.get_by_role("alert")).to_contain_text(answer.value.json()["erreur"]["message"])


def check_plain_413(visitor: Visitor) -> None:
    """413 sans JSON, comme en rend un serveur placé devant l'API."""
    page = visitor.open()
    page.route("**/predict", lambda route: route.fulfill(status=413, body="<h1>Too Large</h1>"))
    choose(page)
    expect(page.get_by_role("alert")).to_have_text("Cette image est trop lourde pour le serveur.")
    page.route("**/predict", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    choose(page)
    expect(page.get_by_role("alert")).to_have_text("Réponse illisible du serveur (statut 502).")
    expect(page.locator("#retry")).to_be_visible()


def check_too_many(visitor: Visitor) -> None:
    """429 : combien de secondes attendre."""
    page = visitor.open("strict")
    for _ in range(STRICT_RATE + 2):
        with page.expect_response("**/predict") as answer:
            choose(page)
    assert answer.value.status == 429
    wait = answer.value.headers["retry-after"]
    expect(page.get_by_role("alert")).to_have_text(f"Trop de demandes en peu de temps. Réessayez dans {wait} s.")
    expect(page.locator("#retry")).to_be_visible()


def check_late(visitor: Visitor) -> None:
    """Un serveur muet : l'attente est annoncée, puis la page renonce, et l'on peut réessayer."""
    page = visitor.open()
    page.clock.install()
    held = hold(page, first_only=True)
    choose(page)
    expect(page.get_by_role("status")).to_have_text("Le modèle regarde l'image…")
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"
    expect(page.locator("#predictions")).to_have_attribute("aria-busy", "true")
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("alert")).to_have_text("Le serveur n'a pas répondu en 15 secondes.")
    expect(page.locator("#predictions")).not_to_have_attribute("aria-busy", "true")
    assert len(held) == 1
    page.get_by_role("button", name="Réessayer").click()
    read_one(page, "un.png")


def check_latest_wins(visitor: Visitor) -> None:
    """La réponse d'une image remplacée, même arrivée après, n'est jamais montrée."""
    page = visitor.open()
    held = hold(page, first_only=True)
    with page.expect_request("**/predict"):  # partie, donc retenue : la suivante, elle, passera
        choose(page, name="ancienne.png")
    expect(page.locator("#caption")).to_have_text("ancienne.png")
    choose(page, name="nouvelle.png")
    read_one(page, "nouvelle.png")
    late = {"modele": {"nom": "chiffres", "version": "?"}, "predictions": [guess("zéro")]}
    with contextlib.suppress(Error):  # demande annulée par la page : plus personne n'attend
        held[0].fulfill(json=late)
    page.wait_for_timeout(200)
    read_one(page, "nouvelle.png")


def guess(label: str) -> dict[str, Any]:
    """Une prédiction, comme l'API les écrit."""
    return {"etiquette": label, "etiquette_fr": label, "probabilite": 0.5}


def check_text_only(visitor: Visitor) -> None:
    """Du HTML venu du serveur s'affiche comme du texte, dans la réponse comme dans l'erreur."""
    page = visitor.open()
    attack = "<img src=x onerror=document.title='piraté'>"
    body: dict[str, Any] = {"modele": {"nom": attack, "version": attack}, "predictions": [guess(attack)]}
    page.route("**/predict", lambda route: route.fulfill(json=body))
    choose(page, name="<b>un.png")
    expect(page.locator("#predictions")).to_contain_text(attack)
    expect(page.locator("#model")).to_contain_text(attack)
    expect(page.locator("#caption")).to_have_text("<b>un.png")
    assert page.locator("img").count() == 1, "du HTML du serveur est devenu un élément"
    body = {"erreur": {"code": "x", "message": attack, "aide": attack}}
    page.route("**/predict", lambda route: route.fulfill(status=400, json=body))
    choose(page)
    expect(page.get_by_role("alert")).to_contain_text(f"{attack} {attack}")
    assert page.locator("img").count() == 1, "du HTML du serveur est devenu un élément"
    assert page.title() == "Reconnaître une image"


def check_other_model(visitor: Visitor) -> None:
    """Un autre modèle que « chiffres » : pas de toile ; une étiquette longue ne déborde pas."""
    page = visitor.open(viewport=PHONE)
    expect(page.locator("#canvas")).to_be_visible()
    model = {"nom": "mobilenet", "version": "2"}
    page.route("**/sante", lambda route: route.fulfill(json={"etat": "prêt", "modele": model}))
    page.reload()
    expect(page.locator("#model")).to_have_text("Modèle mobilenet, version 2")
    expect(page.locator("#canvas")).to_be_hidden()
    body = {"modele": model, "predictions": [guess("anticonstitutionnellement" * 3)]}
    page.route("**/predict", lambda route: route.fulfill(json=body))
    choose(page)
    expect(page.locator("#predictions li")).to_have_count(1)
    narrow(page)


def narrow(page: Page) -> None:
    """La page tient dans la largeur de l'écran."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None and width <= page.viewport_size["width"], f"la page déborde : {width} pixels"


def check_phone(visitor: Visitor) -> None:
    """360 pixels de large : une colonne, rien ne déborde, des boutons qu'un doigt atteint."""
    page = visitor.open(viewport=PHONE, has_touch=True, is_mobile=True)
    choose(page)
    read_one(page, "un.png")
    narrow(page)
    tops = page.locator("section").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len(set(tops)) == 1, "deux colonnes sur un téléphone"
    height = page.locator("#erase").evaluate("button => button.offsetHeight")
    assert height >= 44, f"bouton de {height} pixels"


def accessible(visitor: Visitor, scheme: str) -> None:
    """Aucune faute selon axe, page vide, réponse montrée, puis erreur montrée."""
    page = visitor.open(color_scheme=scheme, reduced_motion="reduce")
    faults = violations(page)
    choose(page)
    read_one(page, "un.png")
    faults += violations(page)
    choose(page, b"?")
    expect(page.get_by_role("alert")).not_to_be_empty()
    faults += violations(page)
    assert not faults, "\n".join(faults)


def check_accessible_by_day(visitor: Visitor) -> None:
    """Couleurs claires."""
    accessible(visitor, "light")


def check_accessible_by_night(visitor: Visitor) -> None:
    """Couleurs sombres."""
    accessible(visitor, "dark")


def check_motion(visitor: Visitor) -> None:
    """Qui refuse les animations n'en a aucune."""
    page = visitor.open(reduced_motion="reduce")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].map(one => getComputedStyle(one))"
        ".filter(style => style.transitionDuration !== '0s' || style.animationName !== 'none').length"
    )
    assert moving == 0, f"{moving} éléments animés"


def check_without_script(visitor: Visitor) -> None:
    """Sans JavaScript : la page se lit, le formulaire envoie, la réponse est le JSON de l'API."""
    page = visitor.open(java_script_enabled=False)
    expect(page.locator("#plain")).to_contain_text("Sans JavaScript, le bouton ouvre la réponse")
    expect(page.locator("#canvas")).to_be_hidden()
    expect(page.locator("#gestures")).to_be_hidden()
    choose(page)
    page.get_by_role("button", name="Reconnaître").click()
    page.wait_for_url("**/predict")
    found = json.loads(page.locator("body").inner_text())
    assert found["predictions"][0]["etiquette"] == "1"


CHECKS = {name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")}


@pytest.mark.parametrize("name", CHECKS)
def test_page(name: str, visitor: Visitor) -> None:
    expect.set_options(timeout=LONG)
    CHECKS[name](visitor)


def test_stopped_server(chromium: Browser) -> None:
    """Serveur arrêté après l'ouverture de la page : elle le dit."""
    with server(**GENEROUS) as (url, process):
        visitor = Visitor(chromium, {"ordinary": url})
        page = visitor.open()
        process.terminate()
        process.wait(timeout=20)
        choose(page)
        expect(page.get_by_role("alert")).to_have_text("Serveur injoignable. Vérifiez qu'il est lancé.")
        expect(page.get_by_role("button", name="Réessayer")).to_be_visible()
        visitor.close()


# Une faute par ligne : le contrôle qui doit la voir, le fichier, le texte remplacé, la faute, ce que dit l'échec.
FAULTS = [
    ("choose", "index.html", "<head>", "<head><style>p{}</style>", "Content Security Policy"),
    ("choose", "index.html", "data:,", "http://exemple.fr/a.png", "exemple.fr"),
    ("choose", "style.css", "var(--share)", "0.5", r"\[50"),
    ("drop", "app.js", "event.preventDefault();\n    const", "const", "caption"),
    ("paste", "app.js", '"paste"', '"copy"', "caption"),
    ("paste", "app.js", "image === undefined", "false", "alert"),
    ("draw", "draw.js", '"pointermove"', '"pointerover"', "predictions"),
    ("draw", "draw.js", "canvas.width, canvas.height);\n  }", "9, 9);\n  }", "== 0"),
    ("draw", "app.js", '"click", erase', '"dblclick", erase', "effacée"),
    ("draw", "draw.js", "thickness()", "22", "épaisseur"),
    ("touch", "style.css", "touch-action: none;", "", "un 1|défile"),
    ("keyboard", "style.css", ":focus-visible {", ":focus-visible { outline: 0 !important;", "contour"),
    ("keyboard", "index.html", 'id="erase"', 'id="erase" tabindex="-1"', "focus"),
    ("two_fingers", "draw.js", "if (event.isPrimary) act", "act", "second doigt|un 1"),
    ("old_browser", "predict.js", "{ signal } = stop", "signal = AbortSignal.any([stop.signal])", "predictions"),
    ("late_health", "app.js", "latest === null", "true", "predictions"),
    ("unreadable", "index.html", 'role="alert"', "", "alert"),
    ("unreadable", "predict.js", "!definitive)", "true)", "retry"),
    ("unreadable", "predict.js", "error.aide]", "]", "aide|alert"),
    ("unreadable", "app.js", '$("shown").hidden = true', "", "hidden"),
    ("heavy", "predict.js", "image.size > LIMIT", "false", "alert"),
    ("heavy", "predict.js", "false,", "true,", "retry"),
    ("refused_by_server", "predict.js", "error?.message", "false", "alert"),
    ("plain_413", "predict.js", "response.status === 413", "false", "alert"),
    ("too_many", "predict.js", "response.status === 429", "false", "alert"),
    ("too_many", "predict.js", " && status !== 429", "", "retry"),
    ("late", "predict.js", "stop.abort(new Refusal(text))", "String(text)", "alert"),
    ("late", "index.html", 'role="status"', "", "status"),
    ("latest_wins", "app.js", "request.abort();", "", "predictions|nouvelle"),
    ("text_only", "app.js", "made.textContent", "made.innerHTML", "predictions|élément"),
    ("text_only", "app.js", '$("error").textContent = text', '$("error").innerHTML = text', "alert|élément"),
    ("other_model", "app.js", 'nom !== "chiffres"', "false", "canvas"),
    ("other_model", "style.css", "overflow-wrap: break-word;", "", "déborde"),
    ("phone", "style.css", "max-width: 60rem", "min-width: 30rem", "déborde"),
    ("phone", "style.css", "min-width: 48rem", "min-width: 4rem", "deux colonnes"),
    ("phone", "style.css", "min-height: 2.75rem", "min-height: 1rem", "bouton de"),
    ("accessible_by_day", "style.css", "--quiet: #4a515e", "--quiet: #b9c1cf", "color-contrast"),
    ("accessible_by_day", "style.css", "--alarm: #a3161b", "--alarm: #ffb0ab", "color-contrast"),
    ("accessible_by_night", "style.css", "--quiet: #b9c1cf", "--quiet: #4a515e", "color-contrast"),
    ("accessible_by_night", "index.html", '<html lang="fr">', "<html>", "html-has-lang"),
    ("motion", "style.css", "prefers-reduced-motion: no-preference", "prefers-reduced-motion: reduce", "animés"),
    ("without_script", "index.html", 'method="post"', "", "Timeout"),
    ("without_script", "index.html", 'id="plain"', 'id="plain" hidden', "plain|Timeout"),
]


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "said"), FAULTS, ids=[f"{f[0]}-{number}" for number, f in enumerate(FAULTS, 1)]
)
def test_control_is_able_to_fail(name: str, file: str, old: str, new: str, said: str, visitor: Visitor) -> None:
    expect.set_options(timeout=SHORT)
    visitor.patience = SHORT
    visitor.sabotage[file] = (old, new)
    with pytest.raises((AssertionError, Error), match=said):
        CHECKS[name](visitor)


# --- Les clients de la leçon

ANSWERS = {"with_python.txt", "curl.json", "client.json"}


def test_every_answer_is_compared() -> None:
    """Une page peut montrer les réponses de ce dossier : chacune est comparée à celle du serveur, ci-dessous."""
    assert {path.name for path in (CLIENTS / "answers").iterdir()} == ANSWERS


def published(name: str, found: str) -> None:
    """`found` est la réponse publiée sous ce nom, nombres à virgule à 0,001 près ; la première fois, l'enregistre."""
    path = CLIENTS / "answers" / name
    assert name in ANSWERS
    if not path.is_file():
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.relative_to(ROOT)} vient d'être enregistré : le relire, puis relancer")
    expected = path.read_text(encoding="utf-8")
    assert DECIMAL.split(found) == DECIMAL.split(expected), f"réponse différente de answers/{name} :\n{found}"
    pairs = zip(DECIMAL.findall(found), DECIMAL.findall(expected), strict=True)
    assert all(abs(float(a) - float(b)) <= 0.001 for a, b in pairs), f"nombres différents de answers/{name} :\n{found}"


def run_client(command: list[str], url: str) -> str:
    """Ce qu'affiche un client lancé dans son dossier, contre le serveur à cette adresse."""
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} n'est pas installé")
    env = dict(os.environ) | {"API_URL": url.rstrip("/"), "PYTHONUTF8": "1"}
    done = subprocess.run([program, *command[1:]], cwd=CLIENTS, env=env, capture_output=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def test_python_client(urls: dict[str, str]) -> None:
    published("with_python.txt", run_client([sys.executable, "with_python.py"], urls["ordinary"]))


@pytest.mark.skipif(sys.platform == "win32", reason="ces commandes sont celles de sh")
@pytest.mark.parametrize("name", ["curl.sh", "curl_base64.sh"])
def test_curl_client(name: str, urls: dict[str, str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl n'est pas installé")
    published("curl.json", run_client(["sh", name], urls["ordinary"]))


def test_javascript_client(visitor: Visitor) -> None:
    """Le client de la page, dans Chromium, sur une page servie par l'API."""
    page = visitor.open()
    page.route("**/client.js", lambda route: route.fulfill(path=CLIENTS / "client.js"))
    found = page.evaluate(
        """async letters => {
          const { recognize } = await import("/client.js")
          const bytes = Uint8Array.from(atob(letters), letter => letter.charCodeAt(0))
          const file = new File([bytes], "chiffre.png", { type: "image/png" })
          const refused = await recognize(new File(["?"], "faux.png")).catch(error => error.message)
          return [JSON.stringify(await recognize(file), null, 2) + "\\n", refused]
        }""",
        base64.b64encode((CLIENTS / "chiffre.png").read_bytes()).decode(),
    )
    published("client.json", found[0])
    assert "image" in found[1], "le client ne dit pas pourquoi le serveur refuse"


@pytest.mark.parametrize(("right", "wrong"), [('": 0.', '": 1.'), ("sept", "x"), ("200", "x")])
def test_altered_answer_is_seen(right: str, wrong: str) -> None:
    """Une réponse publiée qui n'est plus celle du serveur est vue."""
    text = (CLIENTS / "answers/with_python.txt").read_text(encoding="utf-8")
    published("with_python.txt", text)
    with pytest.raises(AssertionError, match="différent"):
        published("with_python.txt", text.replace(right, wrong, 1))
