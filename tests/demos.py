"""Les démos du cours : leurs pages, comment un lecteur les démarre, comment y lire des images."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

PAGES = {
    "chiffre": "module-4/exporter.html",
    "convolution": "module-4/briques.html",
    "seuil": "module-5/metriques.html",
    "gradient": "module-2/optimiseurs.html",
    "bac": "module-5/surapprentissage.html",
}
READY = 15_000  # millisecondes laissées à une démo pour démarrer
OpenDemo = Callable[..., Page]
# « Dessinez un chiffre » sur des images de 784 octets, à la suite, en base64 ; `damage` : une couche à abîmer.
RUN_NETWORK = """({pixels, damage}) => {
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const { read, prepare, normalize, forward } = demos.chiffre;
  const network = read(demoData["mnist_export/with_pytorch/cnn_mnist.json"]);
  if (damage !== null) network.layers[damage].weights.reverse();
  const logits = [];
  const began = performance.now();
  for (let first = 0; first < bytes.length; first += 784) {
    const values = Float32Array.from(bytes.subarray(first, first + 784), (value) => value / 255);
    const { seen } = prepare({ width: 28, height: 28, values }, network.image, true);
    logits.push([...forward(network, normalize(seen, network.image)).at(-1)]);
  }
  return { logits, milliseconds: (performance.now() - began) / logits.length };
}"""


def section(page: Page, name: str) -> Locator:
    """La démo dans sa page."""
    return page.locator(f"section[data-demo={name}]")


def start_demo(page: Page, name: str) -> None:
    """Fait défiler jusqu'à la démo, comme un lecteur, et attend qu'elle soit prête."""
    section(page, name).scroll_into_view_if_needed()
    expect(section(page, name)).to_have_attribute("data-state", "ready", timeout=READY)
