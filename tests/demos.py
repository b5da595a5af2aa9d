"""Les démos du cours : leurs pages, et comment un lecteur les démarre."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

PAGES = {
    "chiffre": "module-4/exporter.html",
    "convolution": "module-4/briques.html",
    "seuil": "module-5/metriques.html",
    "gradient": "module-2/entrainement.html",
    "bac": "module-5/surapprentissage.html",
}
READY = 15_000  # millisecondes laissées à une démo pour démarrer
OpenDemo = Callable[..., Page]


def section(page: Page, name: str) -> Locator:
    """La démo dans sa page."""
    return page.locator(f"section[data-demo={name}]")


def start_demo(page: Page, name: str) -> None:
    """Fait défiler jusqu'à la démo, comme un lecteur, et attend qu'elle soit prête."""
    section(page, name).scroll_into_view_if_needed()
    expect(section(page, name)).to_have_attribute("data-state", "ready", timeout=READY)
