"""Les démos de la descente et du bac à sable, dans un vrai Chromium : les nombres de PyTorch, et pour tous.

Chaque contrôle de calcul est relancé sur un script où une seule faute a été glissée, et doit alors la voir. Les pages
sont ouvertes en `file://`, sauf celles d'axe : une démo doit marcher sans serveur.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from demos import PAGES, OpenDemo, section, start_demo
from playwright.sync_api import Browser, BrowserContext, Page, expect
from proof import browser
from proof.browser import COLOUR_RULES, NARROW, PHONE, switch_theme, violations
from proof.project import ROOT

pytestmark = pytest.mark.cached(
    "tests/test_demos_learning.py",
    "tests/demos.py",
    "tests/conftest.py",
    "tests/proof/macros.py",
    "tests/proof/publish.py",
    "tests/proof/browser.py",
    "overrides",
    "mkdocs.yml",
    "docs/module-2/optimiseurs.md",
    "docs/module-5/surapprentissage.md",
    "snippets/descent_paths",
    "snippets/overfitting_sandbox",
)
DEMOS = ("gradient", "bac")
PATHS = ROOT / "snippets/descent_paths/outputs/with_pytorch/chemins.json"
SANDBOX = ROOT / "snippets/overfitting_sandbox/outputs/with_pytorch/bac.json"
CLOSE = 1e-9  # écart permis, rapporté à 1 + la valeur de PyTorch
PATIENCE = 60_000  # millisecondes laissées à un entraînement pour finir
Fault = tuple[str, str]  # texte du script, et la faute qui le remplace


@pytest.fixture
def load(chromium: Browser, built_site: Path) -> Iterator[Callable[..., Page]]:
    """Charge le script publié d'une démo dans une page vide, au besoin avec une faute."""
    page = chromium.new_page()

    def load_script(name: str, fault: Fault | None = None) -> Page:
        text = (built_site / f"assets/demos/{name}.js").read_text(encoding="utf-8")
        if fault:
            assert fault[0] in text, f"{name}.js ne contient pas {fault[0]!r}"
            text = text.replace(*fault)
        page.goto("about:blank")
        page.add_script_tag(content=text)
        return page

    yield load_script
    page.close()


def words(text: str) -> re.Pattern[str]:
    """Ce texte, quelles que soient ses espaces."""
    return re.compile(re.escape(text).replace(r"\ ", r"\s"))


def far(found: list[float], expected: list[float]) -> bool:
    """Deux suites de nombres diffèrent-elles, en longueur ou de plus de CLOSE ?"""
    if len(found) != len(expected):
        return True
    return any(not abs(a - b) <= CLOSE * (1 + abs(b)) for a, b in zip(found, expected, strict=True))


# --- Descente de gradient

DESCEND = """(wanted) => wanted.map(({ surface, regle, taux }) => {
  const path = demos.gradient.descend(surface, demos.gradient.SURFACES[surface].start, regle, taux, 40);
  return { steps: path.length - 1, points: path.filter((_, t) => t % 5 === 0).flat() };
})"""


def wrong_paths(page: Page) -> list[str]:
    """Chemins du script qui ne sont pas ceux de PyTorch : surface, règle et taux."""
    wanted = json.loads(PATHS.read_text(encoding="utf-8"))
    assert len(wanted) == 8 * 4 * 3 and sum(path["pas"] < 40 for path in wanted) > 5, "aucun chemin ne diverge"
    return [
        f"{path['surface']}, {path['regle']}, {path['taux']}"
        for path, found in zip(wanted, page.evaluate(DESCEND, wanted), strict=True)
        if found["steps"] != path["pas"] or far(found["points"], [x for point in path["points"] for x in point])
    ]


def test_paths_are_those_of_pytorch(load: Callable[..., Page]) -> None:
    """Huit surfaces, quatre optimiseurs, trois taux : mêmes positions ; une constante changée est vue."""
    assert wrong_paths(load("gradient")) == []
    faults = {
        ("0.9 * m[i] + g[i]", "0.9 * m[i] + 0.1 * g[i]"): "élan",
        ("0.9 * v[i]", "0.99 * v[i]"): "RMSprop",
        ("1 - 0.999 ** t", "1 - 0.999 ** (t + 1)"): "Adam",
        ("EPSILON = 1e-8", "EPSILON = 1e-6"): "Adam",
        ("slope: ([x, y]) => [x, 30 * y]", "slope: ([x, y]) => [x, 30.0001 * y]"): "etroite",
    }
    for fault, where in faults.items():
        seen = wrong_paths(load("gradient", fault))
        assert seen and any(where in name for name in seen), f"{fault} n'est pas vu"


def test_advice_given_with_the_descent(load: Callable[..., Page]) -> None:
    """Ce que la leçon promet des quatre expériences, aux réglages de départ de la démo."""
    page = load("gradient")
    verdict = """([surface, rule, rate]) => {
      const { SURFACES, descend, verdict } = demos.gradient;
      return verdict(surface, descend(surface, SURFACES[surface].start, rule, rate, 100));
    }"""
    expected = {
        ("etroite", "SGD", 0.05): "arrivé, au fond",
        ("etroite", "SGD", 0.07): "explose",
        ("etroite", "Adam", 0.05): "arrivé, au fond",
        ("inclinee", "Adam", 0.05): "encore en chemin",
        ("inclinee", "SGD", 0.05): "arrivé, au fond",
        ("deux_vallons", "SGD", 0.05): "pas le plus profond",
        ("deux_vallons", "élan", 0.05): "arrivé, au fond",
        ("plateau", "SGD", 0.05): "encore en chemin",
        ("plateau", "RMSprop", 0.05): "arrivé, au fond",
        ("plateau", "Adam", 0.05): "arrivé, au fond",
    }
    found = {case: page.evaluate(verdict, list(case)) for case in expected}
    assert all(text in found[case] for case, text in expected.items()), found


def test_descent_by_keyboard_and_pointer(open_demo: OpenDemo) -> None:
    """Au clavier : surface, optimiseur, taux, pas ; au doigt : le départ. Le dessin et l'état suivent."""
    page = open_demo("gradient")
    zone = section(page, "gradient")
    status, picture = zone.locator(".demo-etat"), zone.get_by_role("img").first
    expect(status).to_contain_text("arrivé, au fond du creux le plus profond")
    zone.get_by_label("Taux d’apprentissage").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("la perte explose")
    page.keyboard.press("Home")
    expect(status).to_contain_text("encore en chemin")
    zone.get_by_label("Surface").press("ArrowDown")
    expect(picture).to_have_attribute("aria-label", words("Vallée inclinée"))
    zone.get_by_role("radio", name="SGD", exact=False).first.press("ArrowRight")
    expect(picture).to_have_attribute("aria-label", words("SGD avec élan"))
    zone.get_by_role("button", name="Recommencer").press("Enter")
    expect(zone.get_by_label("Pas montrés")).to_have_value("0")
    zone.get_by_role("button", name="Un pas").press("Enter")
    expect(status).to_contain_text("Après 1 pas")
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(picture).to_have_attribute("aria-label", words("départ (0,00 ; 0,00)"))
    zone.get_by_role("button", name="Lancer").press("Enter")
    expect(zone.get_by_label("Pas montrés")).to_have_value("100", timeout=500)  # mouvement réduit : le chemin d'un coup


def test_descent_is_animated_unless_motion_is_reduced(open_demo: OpenDemo) -> None:
    page = open_demo("gradient", reduced_motion="no-preference")
    zone = section(page, "gradient")
    zone.get_by_role("button", name="Lancer").click()
    zone.get_by_role("button", name="Pause").click()
    shown = int(zone.get_by_label("Pas montrés").input_value())
    assert 0 <= shown < 100, "rien ne s'anime"
    expect(zone.locator(".demo-etat")).to_contain_text(f"Après {shown} pas")


# Règle la démo de toutes les façons, ou presque, et rend celles dont le dessin contient un nombre impossible.
SWEEP = """() => {
  const zone = document.querySelector("section[data-demo=gradient]");
  const [surface, rate] = [zone.querySelector("select"), zone.querySelector("input[type=range]")];
  const set = (field, value, event) => {
    field.value = value;
    field.dispatchEvent(new Event(event));
  };
  const faults = [];
  for (const { value } of surface.options) {
    set(surface, value, "change");
    for (const rule of zone.querySelectorAll("input[type=radio]")) {
      rule.click();
      for (let power = -3; power <= 0.4; power += 0.2) {
        set(rate, power, "input");
        if (zone.querySelector('path[d*="NaN"]')) faults.push(`${value}, ${rule.value}, ${power}`);
      }
    }
  }
  return faults;
}"""


@pytest.mark.parametrize("fault", ["", "Math.max(loss, 1e-12)"])
def test_descent_always_draws_its_curve(fault: str, url: str, built_site: Path, context: BrowserContext) -> None:
    """Au fond, un arrondi donne une perte à peine négative : la courbe va quand même jusqu'au bout."""
    script = (built_site / "assets/demos/gradient.js").read_text(encoding="utf-8")
    assert fault in script
    body = script.replace(fault, "loss") if fault else script
    context.route("**/gradient.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page = context.new_page()
    page.goto(url + PAGES["gradient"])
    start_demo(page, "gradient")
    assert bool(page.evaluate(SWEEP)) == bool(fault)


# --- Bac à sable

TRAIN = """({ taux, train, validation, couches, essais }) => {
  const { measure, advance } = demos.bac.core();
  const pack = ({ x, y }) => ({ x: Float64Array.from(x), y: Float64Array.from(y) });
  return essais.map(({ penalite, pertes }) => {
    const layers = couches.map(({ w, b }) =>
      ({ rows: b.length, columns: w.length / b.length, w: Float64Array.from(w), b: Float64Array.from(b) }));
    const run = { train: pack(train), validation: pack(validation), layers, memory: {}, dropout: 0, epoch: 0 };
    Object.assign(run, { penalty: penalite, rate: taux });
    const history = [measure(run)];
    while (history.length < 10 * pertes.length - 9) history.push(advance(run));
    return history.filter((_, i) => i % 10 === 0).flatMap(({ trainLoss, valLoss }) => [trainLoss, valLoss]);
  });
}"""


def wrong_runs(page: Page, epochs: int) -> list[float]:
    """Pénalités des entraînements dont les pertes ne sont pas celles de PyTorch, sur `epochs` époques."""
    content = json.loads(SANDBOX.read_text(encoding="utf-8"))
    for run in content["essais"]:
        run["pertes"] = run["pertes"][: epochs // 10 + 1]
    pairs = zip(content["essais"], page.evaluate(TRAIN, content), strict=True)
    return [
        run["penalite"] for run, found in pairs if far(found, [loss for losses in run["pertes"] for loss in losses])
    ]


def test_sandbox_is_pytorch(load: Callable[..., Page]) -> None:
    """Mêmes points, mêmes poids : mêmes pertes jusqu'au bout, avec et sans pénalité ; chaque faute est vue."""
    assert wrong_runs(load("bac"), 300) == []
    faults = (
        ("2 * penalty * w[i]", "penalty * w[i]"),
        ("0.999 * v[i] + 0.001", "0.99 * v[i] + 0.01"),
        ("before[i] = input[i] > 0", "before[i] = input[i] > -1"),
        ("Math.log1p(Math.exp(", "Math.log1p(0.9999 * Math.exp("),
    )
    for fault in faults:
        assert 0.003 in wrong_runs(load("bac", fault), 20), f"{fault} n'est pas vu"


DIFFERENCES = """() => {
  const { trial, gradients, dropMasks } = demos.bac.core();
  const settings = { shape: "xor", n: 12, noise: 0.2, seed: 5, hidden: [6, 5], dropout: 0.4, penalty: 0.01 };
  const { layers, train, draw } = trial(settings);
  const masks = dropMasks(layers, 12, settings.dropout, draw);
  const found = gradients(layers, train, settings.penalty, masks).gradients;
  const step = 1e-6;
  let gap = 0;
  layers.forEach((layer, depth) => {
    for (const part of ["w", "b"]) {
      layer[part].forEach((kept, i) => {
        const [above, below] = [step, -step].map((move) => {
          layer[part][i] = kept + move;
          return gradients(layers, train, settings.penalty, masks).loss;
        });
        layer[part][i] = kept;
        gap = Math.max(gap, Math.abs((above - below) / (2 * step) - found[depth][part][i]));
      });
    }
  });
  const many = dropMasks([{ rows: 100 }, { rows: 1 }], 100, settings.dropout, draw)[0];
  const values = [...new Set(many)].sort();
  return { gap, values, mean: many.reduce((sum, value) => sum + value, 0) / many.length };
}"""


def test_dropout_gradient(load: Callable[..., Page]) -> None:
    """Avec abandon, le gradient est celui des différences finies ; neurones éteints ou grossis, moyenne gardée."""
    found = load("bac").evaluate(DIFFERENCES)
    assert found["gap"] < 1e-7
    assert found["values"] == [0, pytest.approx(1 / 0.6)] and abs(found["mean"] - 1) < 0.05
    blind = load("bac", ("before[i] * (mask ? mask[i] : 1)", "before[i]"))
    assert blind.evaluate(DIFFERENCES)["gap"] > 1e-3, "un abandon oublié au retour n'est pas vu"


EXPERIMENT = """(changes) => {
  const { trial, measure, advance } = demos.bac.core();
  const start = { shape: "lunes", n: 40, noise: 0.3, seed: 1, hidden: [16, 16], dropout: 0, penalty: 0, rate: 0.01 };
  const run = trial({ ...start, ...changes });
  const history = [measure(run)];
  while (run.epoch < demos.bac.EPOCHS) history.push(advance(run));
  return { ...history.at(-1), lowest: demos.bac.best(history).valLoss, kind: demos.bac.verdict(history).kind };
}"""


def test_experiments_of_the_lesson(load: Callable[..., Page]) -> None:
    """Ce que la leçon promet des quatre expériences arrive, et la même graine redonne le même entraînement."""
    page = load("bac")
    changes: list[dict[str, Any]] = [{}, {"penalty": 0.003}, {"n": 300}, {"shape": "cercles", "hidden": [2]}]
    alone, held, more, small = (page.evaluate(EXPERIMENT, change) for change in changes)
    assert alone["kind"] == "surapprentissage" and alone["trainAccuracy"] == 1
    assert alone["valLoss"] > 2 * alone["lowest"]
    assert held["valLoss"] < alone["valLoss"] / 2 and more["valLoss"] < alone["valLoss"] / 2
    assert "surapprentissage" not in (held["kind"], more["kind"])
    assert small["kind"] == "sous-apprentissage" and small["trainAccuracy"] < 0.9
    small_again, other = (page.evaluate(EXPERIMENT, changes[3] | {"seed": seed}) for seed in (1, 2))
    assert small_again == small and other["trainLoss"] != small["trainLoss"]


# Le même calcul, mais dans la page : ce qu'il ne faut pas faire.
WITHOUT_WORKER = """
  const Real = Blob;
  window.Blob = class extends Real {
    constructor(parts, options) { super(parts, options); window.workerText = parts[0]; }
  };
  window.Worker = class {
    constructor() {
      const answer = (data) => setTimeout(() => this.onmessage({ data }));
      new Function("postMessage", window.workerText)(answer);
    }
    postMessage(data) { setTimeout(() => window.onmessage({ data })); }
  };"""
# Chaque perte calculée appelle Math.log1p : combien de fois la page elle-même le fait-elle ?
COUNT = """
  window.computed = 0;
  const log1p = Math.log1p;
  Math.log1p = (x) => { window.computed += 1; return log1p(x); };"""


def train_and_click(page: Page) -> tuple[int, int]:
    """Entraîne à pleine vitesse, et clique ; rend les clics servis avant la fin, et les pertes calculées ici."""
    zone = section(page, "bac")
    zone.get_by_label("Vitesse").select_option("rapide")
    zone.get_by_role("slider", name="Points d’entraînement").fill("300")
    zone.get_by_role("button", name="Entraîner").press("Enter")
    box, pause = zone.get_by_label("Montrer les 400 points"), zone.get_by_role("button", name="Pause")
    clicks = 0
    for checked in (True, False, True):
        box.click()
        expect(zone.locator("svg.demo-plan > *")).to_have_count(700 if checked else 300)
        clicks += pause.count()
    pause.press("Enter")
    expect(zone.locator(".demo-etat")).to_contain_text("Verdict", timeout=PATIENCE)
    return clicks, page.evaluate("window.computed")


def test_page_never_freezes(open_demo: OpenDemo) -> None:
    """Pendant l'entraînement, en `file://`, la page répond et ne calcule rien ; sans Worker, elle calculerait."""
    assert train_and_click(open_demo("bac", before=COUNT)) == (3, 0)
    page = open_demo("bac", before=COUNT + WITHOUT_WORKER)
    section(page, "bac").get_by_role("button", name="Une époque").press("Enter")
    page.wait_for_function("window.computed > 400")  # un calcul fait dans la page serait vu


def test_sandbox_by_keyboard(open_demo: OpenDemo) -> None:
    """Au clavier : entraîner, suspendre, reprendre, une époque de plus, recommencer ; courbes et états suivent."""
    page = open_demo("bac")
    zone = section(page, "bac")
    status, plan = zone.locator(".demo-etat"), zone.get_by_role("img").first
    expect(status).to_contain_text("Prêt")
    expect(plan).to_have_attribute("aria-label", words("40 points d’entraînement en deux classes, Deux lunes"))
    expect(zone.locator("svg.demo-plan > *")).to_have_count(40)
    zone.get_by_label("Couches cachées").select_option("une")
    button = zone.get_by_role("button", name="Entraîner")
    button.press("Enter")
    expect(zone.locator(".demo-compteur")).not_to_contain_text("Époque 0", timeout=PATIENCE)
    zone.get_by_role("button", name="Pause").press("Enter")
    expect(status).to_contain_text("Verdict")
    epoch = int((zone.locator(".demo-compteur").inner_text()).split()[1])
    zone.get_by_role("button", name="Une époque").press("Enter")
    expect(status).to_contain_text(f"Époque {epoch + 1}.")
    button.press("Enter")
    expect(status).to_contain_text("Époque 600.", timeout=PATIENCE)
    expect(status).to_have_attribute("data-verdict", re.compile("."))
    expect(zone.locator(".demo-essais tbody tr")).to_have_count(1)
    expect(zone.get_by_role("img").nth(1)).to_have_attribute("aria-label", words("à l’époque 600"))
    zone.get_by_role("slider", name="Bruit").press("ArrowRight")
    expect(status).to_contain_text("Réglage changé")
    expect(status).to_have_attribute("data-verdict", "")  # le verdict d'avant ne vaut plus
    expect(zone.locator(".demo-compteur")).to_contain_text("Époque 0")


# --- Pour tous


@pytest.mark.parametrize(("name", "gesture", "then"), [("gradient", "Lancer", ""), ("bac", "Entraîner", "Pause")])
def test_demo_is_accessible(name: str, gesture: str, then: str, open_demo: OpenDemo, built_site: Path) -> None:
    """Avant, pendant et après un geste : axe ne voit aucune faute, en clair, en sombre et sur un téléphone."""
    within = {"include": [["section.demo"]]}
    with browser.serve(built_site) as url:
        page = open_demo(name, url=url)
        zone = section(page, name)
        faults = violations(page, within=within)
        zone.get_by_role("button", name=gesture).click()
        if then:
            expect(zone.locator(".demo-compteur")).to_contain_text(
                re.compile(r"Époque [3-9]\d|Époque \d{3}"), timeout=PATIENCE
            )
            faults += violations(page, within=within)
            stop = zone.get_by_role("button", name=then)
            if stop.count():  # sur une machine rapide, l'entraînement peut finir pendant le contrôle
                stop.click()
            expect(zone.locator(".demo-essais tbody tr")).to_have_count(1)
        faults += violations(page, within=within)
        switch_theme(page, "slate")
        faults += violations(page, within=within, runOnly=COLOUR_RULES)
        page.set_viewport_size(PHONE)
        faults += violations(page, within=within)
        page.set_viewport_size(NARROW)
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        page.evaluate(
            "document.querySelectorAll('.demo-zone label').forEach((node) => node.replaceWith(...node.childNodes))"
        )
        assert violations(page, within=within), "des champs sans nom ne sont pas vus"
    assert not faults, "\n".join(faults)
    assert widths[0] <= widths[1], f"{name} déborde d'un écran étroit : {widths}"


@pytest.mark.parametrize("name", DEMOS)
def test_still_picture_without_javascript(name: str, open_demo: OpenDemo) -> None:
    """Sans JavaScript, la figure de l'exemple et sa description restent ; avec, la démo la remplace."""
    page = open_demo(name, start=False, java_script_enabled=False)
    picture = section(page, name).locator(".demo-image img.only-light")
    expect(picture).to_be_visible()
    assert len(picture.get_attribute("alt") or "") > 60
    expect(section(open_demo(name), name).locator(".demo-image")).to_be_hidden()
