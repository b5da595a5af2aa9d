"""Trouve Chromium, ou l'installe ; sert un site construit ; contrôle les requêtes d'une page, et la fait juger par axe.

`python -m proof.browser` dit quel navigateur servira aux tests.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    ViewportSize,
    WebSocketRoute,
    expect,
    sync_playwright,
)

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Une souris, que Playwright annonce par ce même drapeau ; et les figures chargées d'aussi loin que dans Chrome
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
    ",lazyLoadingImageMarginPxUnknown=1250",
]
LIGHT = "chromium-headless-shell"  # le même Chromium sans sa fenêtre : un tiers de calcul en moins
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=640)
# Le lecteur ordinaire : options d'un contexte de Playwright.
READER: dict[str, Any] = {
    "viewport": DESKTOP,
    "locale": "fr-FR",
    "color_scheme": "light",
    "reduced_motion": "reduce",
}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]


def find() -> str | None:
    """Chemin d'un Chromium utilisable : CHROMIUM, la version sans fenêtre, celui de Playwright, puis les autres."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    candidates = [os.environ.get("CHROMIUM"), shutil.which(LIGHT), own, *map(shutil.which, NAMES)]
    return next((path for path in candidates if path and Path(path).is_file() and starts(path)), None)


def starts(path: str) -> bool:
    """Ce navigateur démarre-t-il ? Sous Linux, il peut lui manquer des bibliothèques du système."""
    if sys.platform != "linux":
        return True
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def install() -> str | None:
    """Installe Chromium : celui de Playwright, sinon un paquet du système (Debian, droits d'administration)."""
    attempts = [("Playwright", [[sys.executable, "-m", "playwright", "install", "chromium"]])]
    if sys.platform == "linux" and shutil.which("apt-get") and os.geteuid() == 0:
        for package in (LIGHT, "chromium"):
            get = ["apt-get", "install", "--yes", "--no-install-recommends", package]
            attempts.append((f"paquet {package} du système", [["apt-get", "update"], get]))
    for name, commands in attempts:
        print(f"Aucun Chromium : installation ({name})…", flush=True)
        if all(subprocess.call(command) == 0 for command in commands) and (path := find()):  # l'avancement s'affiche
            return path
        print("  sans succès : lire le message ci-dessus", flush=True)
    return None


@functools.cache
def path_of_chromium() -> str | None:
    """Le Chromium de cette machine, cherché une fois par processus."""
    return find()


@functools.cache
def version() -> str:
    """Version du Chromium de cette machine ; vide s'il n'y en a pas, ou sous Windows, où il ne la dit pas."""
    path = path_of_chromium()
    if path is None or sys.platform == "win32":
        return ""
    return subprocess.run([path, "--version"], capture_output=True, check=False, encoding="utf-8").stdout.strip()


@contextlib.contextmanager
def launch() -> Iterator[Browser]:
    """Navigateur Chromium sans fenêtre."""
    path = path_of_chromium()
    if path is None:
        raise RuntimeError("aucun Chromium ; lancer python -m proof.browser, ou donner son chemin dans CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Sert des fichiers sans journal ; une adresse inconnue rend la page 404 du site."""

    def log_message(self, format: str, *args: object) -> None:
        """Ne rien écrire."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Rend `404.html` comme le fait GitHub Pages."""
        page = Path(str(self.directory)) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Sert `folder` sur un port libre de cette machine ; rend l'adresse, avec / final."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def watch(context: BrowserContext) -> list[str]:
    """Bloque requêtes et WebSockets vers un autre hôte ; rend la liste, remplie au fil des pages, des tentatives."""
    refused: list[str] = []

    def leaves(address: str) -> bool:
        url = urlsplit(address)
        if url.scheme in ("file", "data", "blob") or url.hostname == "127.0.0.1":
            return False
        refused.append(address)
        return True

    def route(request: Route) -> None:
        if leaves(request.request.url):
            request.abort()
        else:
            request.continue_()

    def route_socket(socket: WebSocketRoute) -> None:
        if leaves(socket.url):
            socket.close()
        else:
            socket.connect_to_server()

    context.route("**/*", route)
    context.route_web_socket(re.compile(""), route_socket)
    return refused


def page_errors(page: Page) -> list[str]:
    """Erreurs de script et de console de la page, remplies au fil de la visite."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors


def search(page: Page, query: str) -> list[str]:
    """Adresses des pages que la recherche propose pour `query`, dans l'ordre."""
    field = page.locator(".md-search__input")
    items = page.locator(".md-search-result__list > .md-search-result__item")
    field.fill("")
    expect(items).to_have_count(0)
    field.fill(query)
    field.dispatch_event("keyup")  # Material cherche à chaque touche relâchée
    status = page.locator(".md-search-result__meta")
    expect(status).to_have_text(re.compile(r"\d+ documents? trouvés?|Aucun document trouvé"), timeout=10_000)
    found = re.match(r"\d+", status.inner_text().strip())
    if found:  # la liste se dessine après le compte
        expect(items.nth(min(int(found[0]), 3) - 1)).to_be_attached()
    addresses: list[str] = items.evaluate_all("items => items.map(item => item.querySelector('a').href)")
    return addresses


def switch_theme(page: Page, scheme: str) -> None:
    """Passe en clair (`default`) ou en sombre (`slate`), par le bouton du lecteur."""
    if page.locator("body").get_attribute("data-md-color-scheme") != scheme:
        page.evaluate("document.querySelector('#theme').click()")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)


def violations(page: Page, within: dict[str, list[list[str]]] | None = None, **options: Any) -> list[str]:
    """Fautes relevées par axe, une ligne chacune ; `within` : son contexte, `options` : ses options."""
    axe = Axe("") if page.evaluate("'axe' in window") else Axe()  # le script n'est donné qu'une fois à chaque page
    # axe laisse éteinte la taille des cibles, que WCAG 2.2 demande pourtant au niveau AA
    options["rules"] = {"target-size": {"enabled": True}} | options.get("rules", {})
    light = {"resultTypes": ["violations"], "elementRef": False, "selectors": False}
    response = axe.run(page, context=within, options=light | options).response
    return [
        f"{page.viewport_size} {fault['id']} : {node['html'][:200]} ({node.get('failureSummary', '')})"
        for fault in response["violations"]
        for node in fault["nodes"]
    ]


def main() -> int:
    """Dit quel Chromium servira, en l'installant au besoin."""
    path = find() or install()
    if path is None:
        print(
            "Aucun Chromium utilisable. L'installer (Debian, Ubuntu : sudo apt install chromium), "
            "ou donner le chemin d'un navigateur dans la variable CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    print(f"Chromium pour les tests : {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
