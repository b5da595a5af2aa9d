"""Répondre à un exercice dans la page : ce que dit Python, et le parcours d'un lecteur dans un vrai Chromium."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from proof import browser
from proof.macros import PYODIDE
from proof.project import ROOT, Script, imported_modules, scripts
from test_site import COLOUR_RULES, DESKTOP, NARROW, PHONE, switch_theme, violations

pytestmark = pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml")
EXERCISES = [s for s in scripts(ROOT) if s.starter and imported_modules(s.source) <= sys.stdlib_module_names]
SHOWN = Script(ROOT, "quantize_exercise", "solution")
LESSON = "module-4/exporter.html"
NUMPY_LESSON = "module-4/briques.html"
# Fait répondre le Worker du cours à une suite de programmes, sans passer par la page.
ASK = """async (programs) => {
  const worker = new Worker(new URL("../assets/exercise-worker.js", location), { type: "module" });
  const answers = [];
  for (const program of programs) {
    answers.push(await new Promise((resolve) => {
      worker.onmessage = ({ data }) => data.state === "running" || resolve(data);
      worker.postMessage(program);
    }));
  }
  worker.terminate();
  return answers;
}"""


def answer(code: str) -> dict[str, Any]:
    """Ce que répond `overrides/assets/exercise.py`, ici sans navigateur."""
    specification = importlib.util.spec_from_file_location("exercise", ROOT / "overrides/assets/exercise.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found: dict[str, Any] = json.loads(module.run(code))
    return found


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("assert 1 + 1 == 2", ""),
        (
            "x = 3\nassert x == 4, 'quatre'",
            "Le test de la ligne 2 échoue : quatre. À gauche de ==, on trouve 3 ; à droite, 4.",
        ),
        ("assert [1] == []\n", "Le test de la ligne 1 échoue. À gauche de ==, on trouve [1] ; à droite, []."),
        ("assert 1 == 1\nassert not 1, 'non'", "Le test de la ligne 2 échoue : non."),
        ("def f():\n    return a\n\nf()", "Ligne 2 : NameError : name 'a' is not defined"),
        ("def f():\n    assert 0, 'dedans'\n\nf()", "Ligne 2 : AssertionError : dedans"),
        ("def f(:\n    pass", "Ligne 1 : Python ne comprend pas ce programme (invalid syntax)."),
        ("return 1", "Ligne 1 : Python ne comprend pas ce programme ('return' outside function)."),
        ("exit(3)", "Ligne 1 : SystemExit : 3"),
        ("rest = iter([1, 2])\nassert next(rest) == 1\nassert next(rest) == 2", ""),
    ],
)
def test_answer_says_what_fails(code: str, message: str) -> None:
    found = answer(code)
    assert (found["message"], found["passed"]) == (message, not message)
    assert "exercise.py" not in found["trace"], "la trace montre autre chose que le code du lecteur"


def test_answer_starts_from_an_empty_memory() -> None:
    assert answer("secret = 1\nprint('vu')")["output"] == "vu\n"
    assert answer("secret")["message"].endswith("name 'secret' is not defined")
    assert len(answer("print('a' * 10**6)")["output"]) < 30_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not (ROOT / PYODIDE).is_dir():
        pytest.skip("Pyodide n'est pas installé : lancer npm ci dans tests/node, puis relancer")
    with browser.launch() as instance:
        yield instance


@pytest.fixture(scope="module")
def url(built_site: Path) -> Iterator[str]:
    with browser.serve(built_site) as address:
        yield address


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=DESKTOP, locale="fr-FR", color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(60_000)  # Python se charge en quelques secondes, plus sur une machine occupée
    yield context
    context.close()


def test_every_exercise_runs_in_the_page(url: str, context: BrowserContext) -> None:
    """Python de la page juge comme celui du cours : chaque solution passe, chaque énoncé vide échoue par un test."""
    refused = browser.watch(context)
    page = context.new_page()
    page.goto(url + LESSON)
    programs = [text for exercise in EXERCISES for text in (exercise.source, exercise.starter)]
    assert len(programs) >= 80
    found = page.evaluate(ASK, programs)
    for exercise, solution, starter in zip(EXERCISES, found[::2], found[1::2], strict=True):
        assert solution["passed"], f"{exercise.key} : {solution['message']}"
        assert not starter["passed"] and "AssertionError" in starter["trace"], f"{exercise.key} : {starter}"
    assert refused == []


def test_every_page_offers_its_exercises(built_site: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in built_site.rglob("*.html")]
    for exercise in EXERCISES:
        assert sum(f'data-exercice="{exercise.example}"' in page for page in pages) == 1, exercise.key
    assert sum(page.count("data-exercice=") for page in pages) == len(EXERCISES)


def open_exercise(page: Page, address: str) -> None:
    """Ouvre une leçon et son premier éditeur, au clavier."""
    page.goto(address)
    page.mouse.move(5, 5)  # charge le script de Material, comme le fait un lecteur
    page.wait_for_function("'__md_get' in window")
    page.locator(".exercice-page > summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".exercice textarea").first).to_be_visible()


def test_reader_answers_in_the_page(url: str, context: BrowserContext) -> None:
    """Énoncé refusé, solution acceptée, réponse gardée, retour à l'énoncé ; rien ne part ailleurs, axe ne relève rien."""
    refused = browser.watch(context)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    errors = browser.page_errors(page)
    open_exercise(page, url + LESSON)
    area, status = page.locator(".exercice textarea"), page.locator(".exercice-etat")
    assert area.input_value().strip() == (SHOWN.starter or "").strip()
    assert not any("pyodide" in address for address in asked), "Python est chargé avant d'être demandé"
    within = {"include": [[".exercice"]]}
    faults = violations(page, within=within)

    page.get_by_role("button", name="Exécuter").click()
    expect(status).to_contain_text("Le test de la ligne", timeout=60_000)
    expect(page.locator(".exercice-sortie")).to_contain_text("AssertionError")
    faults += violations(page, within=within)
    switch_theme(page, "slate")
    faults += violations(page, within=within, runOnly=COLOUR_RULES)
    switch_theme(page, "default")

    area.fill(SHOWN.source)
    area.press("Control+Enter")
    expect(status).to_have_text("Tous les tests passent.")
    faults += violations(page, within=within)
    assert any("pyodide.asm.wasm" in address for address in asked)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "l'éditeur déborde d'un écran étroit"

    if page.evaluate("'parcours' in window"):
        page.reload()
        expect(page.locator(".exercice-page > summary")).to_have_text("Répondre dans la page · réussi")
        expect(area).to_have_value(SHOWN.source)
        page.locator(".exercice-page > summary").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revenir à l’énoncé").click()
    assert area.input_value().strip() == (SHOWN.starter or "").strip()
    page.keyboard.press("Control+z")
    expect(area).to_have_value(SHOWN.source)  # un clic de trop s'annule
    assert (faults, refused, errors) == ([], [], [])


def test_endless_answer_is_stopped(url: str, context: BrowserContext) -> None:
    """Une boucle sans fin s'arrête au bouton, puis à la limite ; la page reste vive, et Python repart."""
    page = context.new_page()
    open_exercise(page, url + LESSON)
    area, status = page.locator(".exercice textarea"), page.locator(".exercice-etat")
    area.fill("while True:\n    pass")
    play, halt = page.get_by_role("button", name="Exécuter"), page.get_by_role("button", name="Arrêter")
    play.click()
    expect(status).to_have_text("Exécution…", timeout=60_000)
    halt.focus()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Arrêté.")
    expect(play).to_be_focused()  # le bouton pressé a disparu : le clavier ne se perd pas
    expect(halt).to_be_hidden()
    play.click()
    expect(status).to_contain_text("Arrêté au bout de 10 secondes", timeout=60_000)
    area.fill("print(6 * 7)")
    play.click()
    expect(page.locator(".exercice-sortie")).to_have_text("42\n")


def test_keyboard_is_not_trapped(url: str, context: BrowserContext) -> None:
    """Tab décale ; Échap puis Tab sort ; Entrée garde le retrait."""
    page = context.new_page()
    open_exercise(page, url + LESSON)
    area = page.locator(".exercice textarea")
    area.fill("")
    area.focus()
    for key in ("x", ":", "Enter", "y", "Enter", "Shift+Tab", "z"):
        page.keyboard.press(key)
    expect(area).to_have_value("x:\n    y\nz")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    expect(area).to_have_value("x:\n    y\n    z")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Exécuter")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".exercice-page > summary")).to_be_focused()


def test_page_says_why_it_cannot_run(url: str, built_site: Path, context: BrowserContext) -> None:
    """Ouverte depuis un dossier, ou construite sans Pyodide, la page le dit ; un exercice NumPy renvoie au carnet."""
    page = context.new_page()
    page.goto((built_site / LESSON).as_uri())
    expect(page.locator(".exercice")).to_contain_text("Ouvert depuis un dossier")
    assert page.locator(".exercice textarea").count() == 0
    page.route(
        "**/*.html", lambda route: route.fulfill(body=without_python(built_site / LESSON), content_type="text/html")
    )
    page.goto(url + LESSON)
    expect(page.locator(".exercice")).to_contain_text("n’embarque pas de quoi exécuter Python")
    page.unroute("**/*.html")
    page.goto(url + NUMPY_LESSON)
    expect(page.locator(".exercice").first).to_contain_text("emploie NumPy")
    page.set_viewport_size(PHONE)
    assert page.locator(".exercice textarea").count() == 0


def without_python(path: Path) -> str:
    """La page telle qu'elle serait construite sans le paquet npm."""
    import re

    return re.sub(r'data-pyodide="[^"]*"', 'data-pyodide=""', path.read_text(encoding="utf-8"))
