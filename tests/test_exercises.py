"""Les exercices : leurs carnets, ce que Python répond dans la page, et un lecteur dans un vrai Chromium."""

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from proof import browser, exercises, runner
from proof.browser import COLOUR_RULES, NARROW, READER, switch_theme, violations
from proof.project import ROOT, Script, imported_modules, report, scripts
from proof.publish import ANSWERS, ASSIGNMENT, PYODIDE

pytestmark = pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml")
EXERCISES = [s for s in scripts(ROOT) if s.starter and imported_modules(s.source) <= sys.stdlib_module_names]
SHOWN = Script(ROOT, "quantize_exercise", "solution")
LESSON = "module-4/exporter.html"
NUMPY_LESSON = "module-4/briques.html"
# Fait répondre le Worker du cours à une suite de programmes, chacun avec son énoncé, sans passer par la page.
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


# Un cours d'une leçon et d'un exercice.
SOLUTION = """\
# --8<-- [start:answer]
def double(x):
    \"\"\"Le double de x.\"\"\"
    return 2 * x


# --8<-- [end:answer]


# --8<-- [start:test]
assert double(2) == 4, "deux et deux"
print(f"double : {double(1.5):.1f}")
# --8<-- [end:test]
"""
PAGE = """\
# Une leçon

## Exercice

Écrivez {{ formule("2x") }}, d'après [la leçon](lecon.md).

```python
--8<-- "double_exercise/outputs/solution/starter.py"
```
"""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ce cours, ses carnets exécutés et publiés."""
    root = tmp_path_factory.mktemp("exercices") / "cours"
    files = {
        "mkdocs.yml": "site_name: x\nnav:\n  - Module 1 · Essai:\n      - Leçon: module-1/lecon.md\n",
        "docs/module-1/lecon.md": PAGE,
        "snippets/double_exercise/solution.py": SOLUTION,
        "snippets/double_exercise/example.toml": 'title = "Exercice : doubler"\nstarter = "answer"\n',
        "requirements.txt": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (module,) = exercises.modules(root)
    exercises.write(module, exercises.run(module))
    return root


@pytest.fixture
def course(pristine: Path, tmp_path: Path) -> Path:
    """Copie de ce cours, à saboter."""
    return Path(shutil.copytree(pristine, tmp_path / "cours"))


def change(root: Path, name: str, old: str, new: str) -> None:
    """Remplace un texte d'un fichier ; le texte doit s'y trouver."""
    text = (root / name).read_text(encoding="utf-8")
    assert old in text, f"{name} ne contient pas {old!r}"
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


def test_notebooks_come_from_the_exercise(course: Path) -> None:
    (module,) = exercises.modules(course)
    assignment, answers = (nbformat.read(module.path(name), 4) for name in (ASSIGNMENT, ANSWERS))
    assert exercises.check_fresh(course) == []
    assert exercises.compare(module, exercises.run(module)) == []
    assert [cell.id for cell in assignment.cells] == [cell.id for cell in answers.cells]
    assert "Module 1 · Essai" in assignment.cells[0].source
    assert assignment.cells[1].source.startswith("## 1. Doubler\n\n*Leçon\u00a0: Une leçon.*")
    assert assignment.cells[1].source.endswith("Écrivez $2x$, d’après la leçon.")
    assert assignment.cells[2].source.endswith("    ...  # À vous de jouer")
    assert answers.cells[2].source.endswith("return 2 * x")
    assert answers.cells[3].outputs[0].text == "double : 3.0\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("snippets/double_exercise/solution.py", "2 * x", "x * 2", "corrige.ipynb:1 : le carnet n'est plus celui"),
        ("snippets/double_exercise/solution.py", "Le double", "Deux fois", "enonce.ipynb:1 : le carnet n'est plus"),
        ("docs/module-1/lecon.md", "Écrivez", "Programmez", "enonce.ipynb:1 : le carnet n'est plus celui"),
        ("docs/module-1/exercices-enonce.ipynb", "À vous de jouer", "return 2 * x", "enonce.ipynb:1 : le carnet"),
        (
            "docs/module-1/exercices-corrige.ipynb",
            '"stream"',
            '"error"',
            "corrige.ipynb:1 : le carnet publié contient une erreur",
        ),
        ("docs/module-1/exercices-corrige.ipynb", "double : 3.0", "double : 4.0", "4.0 devient 3.0"),
    ],
)
def test_stale_notebook_is_refused(name: str, old: str, new: str, reason: str, course: Path) -> None:
    (module,) = exercises.modules(course)
    fresh = exercises.run(module)
    change(course, name, old, new)
    faults = exercises.check_fresh(course) + exercises.compare(module, fresh)
    assert reason in report(faults)


def test_no_exercise_is_left_out() -> None:
    shown = [exercise.script.key for module in exercises.modules(ROOT) for exercise in module.exercises]
    assert sorted(shown) == sorted(script.key for script in scripts(ROOT) if script.starter)


def test_missing_notebook_is_refused(course: Path) -> None:
    (course / "docs/module-1" / ASSIGNMENT).unlink()
    assert "enonce.ipynb:1 : carnet absent" in report(exercises.check_fresh(course))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2 * x", "3 * x", "AssertionError"),  # la solution échoue
        ("double(2) == 4", "double(2) != 5", "l'énoncé vide donne"),  # ses tests n'exigent rien
        ("double(2) == 4", "double(2) + 0 == 4", r"l'énoncé vide donne \['TypeError'\]"),  # échec qui n'apprend rien
    ],
)
def test_wrong_exercise_is_refused(old: str, new: str, reason: str, course: Path) -> None:
    change(course, "snippets/double_exercise/solution.py", old, new)
    change(course, "snippets/double_exercise/solution.py", 'print(f"double : {double(1.5):.1f}")\n', "")
    with pytest.raises(runner.RunFailure, match=reason):
        exercises.execute(exercises.modules(course)[0])


def answer(code: str, starter: str = "") -> dict[str, Any]:
    """Ce que répond `overrides/assets/exercise.py`, ici sans navigateur."""
    specification = importlib.util.spec_from_file_location("exercise", ROOT / "overrides/assets/exercise.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found: dict[str, Any] = json.loads(module.run(code, starter))
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
        ("import sys\nsys.stdout.close()", ""),
        ("class E(Exception):\n    def __str__(self):\n        return 1\n\nraise E", "E : message illisible"),
    ],
)
def test_answer_says_what_fails(code: str, message: str) -> None:
    found = answer(code)
    assert (found["message"], found["passed"]) == (message, not message)
    assert "exercise.py" not in found["trace"], "la trace montre autre chose que le code du lecteur"


INDENTED = "def double(x):\n    return 2 * x\n    assert double(2) == 4"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "2 tests de l’énoncé manquent ou ont changé, dont assert double(2) == 4."),
        ("def double(x):\n    return 2 * x", "2 tests de l’énoncé manquent"),
        (
            "def double(x):\n    return 4\nassert double(2) == 4",
            "un test de l’énoncé manque ou a changé : assert double(3)",
        ),
        (f"{INDENTED}\nassert double(3) == 6", "un test de l’énoncé manque ou a changé : assert double(2) == 4."),
        ("def double(x):\n    return 4\nassert double(2) == 4\nassert double(3) != 6", "un test de l’énoncé manque"),
    ],
)
def test_answer_without_its_tests_is_refused(code: str, message: str) -> None:
    """Rien n'échoue, mais les tests de l'énoncé n'y sont plus : ce n'est pas réussi. Sans énoncé, ce le serait."""
    starter = 'def double(x):\n    ...\n\nassert double(2) == 4, "deux et deux"\nassert double(3) == 6\n'
    found = answer(code, starter)
    assert message in found["message"] and "« Revenir à l’énoncé »" in found["message"] and not found["passed"]
    assert answer(code)["passed"]
    kept = "assert (double(3)) == 6  # le second\nassert double(2) == 4, 'autre message'"
    assert answer(f"def double(x):\n    return 2 * x\n{kept}", starter)["passed"]


def test_answer_starts_from_an_empty_memory() -> None:
    assert answer("secret = 1\nprint('vu')")["output"] == "vu\n"
    assert answer("secret")["message"].endswith("name 'secret' is not defined")
    assert len(answer("print('a' * 10**6)")["output"]) < 30_000


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Un lecteur patient : Python se charge en quelques secondes, plus sur une machine occupée."""
    if not (ROOT / PYODIDE).is_dir():
        pytest.skip("Pyodide n'est pas installé : lancer npm ci dans tests/node, puis relancer")
    context = chromium.new_context(**READER)
    context.set_default_timeout(60_000)
    yield context
    context.close()


def test_every_exercise_runs_in_the_page(url: str, context: BrowserContext) -> None:
    """Python de la page juge comme celui du cours : chaque solution passe, chaque énoncé vide échoue par un test."""
    refused = browser.watch(context)
    page = context.new_page()
    page.goto(url + LESSON)
    programs = [[text, exercise.starter] for exercise in EXERCISES for text in (exercise.source, exercise.starter)]
    assert len(programs) >= 80
    found = page.evaluate(ASK, programs)
    for exercise, solution, starter in zip(EXERCISES, found[::2], found[1::2], strict=True):
        assert solution["passed"], f"{exercise.key} : {solution['message']}"
        assert not starter["passed"] and "AssertionError" in starter["trace"], f"{exercise.key} : {starter}"
    assert refused == []


def test_every_page_offers_its_exercises(built_site: Path) -> None:
    """Chaque exercice est annoncé par une page ; ceux qui s'y font sont ceux que le test précédent a jugés."""
    text = "".join(path.read_text(encoding="utf-8") for path in built_site.rglob("*.html"))
    found = re.findall(r'class="exercice" data-exercice="(\w+)"( data-page)?', text)
    assert sorted(name for name, _ in found) == sorted(script.example for script in scripts(ROOT) if script.starter)
    assert {name for name, here in found if here} == {script.example for script in EXERCISES}


def open_exercise(page: Page, address: str) -> None:
    """Ouvre une leçon et son premier éditeur, au clavier."""
    page.goto(address)
    page.mouse.move(5, 5)  # charge le script de Material, comme le fait un lecteur
    page.wait_for_function("'__md_get' in window")
    page.locator(".exercice-page > summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".exercice textarea").first).to_be_visible()


def test_reader_answers_in_the_page(url: str, context: BrowserContext) -> None:
    """Énoncé refusé, solution acceptée, réponse gardée, retour à l'énoncé ; rien ne part ailleurs, axe se tait."""
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


# Les contrôles de durée prennent une limite plus courte : dix secondes de calcul ne prouveraient rien de plus.
SHORTER = ("[10_000,", "[2_000,")


def alter_script(page: Page, *changes: tuple[str, str]) -> None:
    """Sert à cette page un `exercise.js` où chaque premier texte devient le second."""
    body = (ROOT / "overrides/assets/exercise.js").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in body, f"exercise.js ne contient pas {old!r}"
        body = body.replace(old, new)
    page.route("**/exercise.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))


def endless_is_limited(page: Page, address: str) -> None:
    """Une boucle sans fin est arrêtée par la limite de temps."""
    open_exercise(page, address)
    page.locator(".exercice textarea").fill("while True:\n    pass")
    page.get_by_role("button", name="Exécuter").click()
    expect(page.locator(".exercice-etat")).to_have_text("Exécution…", timeout=60_000)
    expect(page.locator(".exercice-etat")).to_contain_text("Arrêté au bout de 2 secondes", timeout=4_000)


def test_endless_answer_is_stopped(url: str, context: BrowserContext) -> None:
    """Une boucle sans fin s'arrête à la limite, puis, Python reparti, au bouton ; la page reste vive."""
    page = context.new_page()
    alter_script(page, SHORTER)
    endless_is_limited(page, url + LESSON)
    status = page.locator(".exercice-etat")
    play, halt = page.get_by_role("button", name="Exécuter"), page.get_by_role("button", name="Arrêter")
    play.click()
    expect(status).to_have_text("Exécution…", timeout=60_000)
    halt.focus()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Arrêté.")
    expect(play).to_be_focused()  # le bouton pressé a disparu : le clavier ne se perd pas
    expect(halt).to_be_hidden()


def leave_by_keyboard(page: Page, address: str) -> None:
    """Tab décale ; Échap puis Tab sort ; Entrée garde le retrait."""
    open_exercise(page, address)
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
    expect(page.get_by_role("button", name="Exécuter")).to_be_focused(timeout=1_000)
    page.keyboard.press("Shift+Tab")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".exercice-page > summary")).to_be_focused()


KEPT = "parcours.read('exercice', 'quantize_exercise')"


def come_back_later(page: Page, address: str) -> None:
    """Ce qui est écrit est gardé, sans avoir rien exécuté."""
    open_exercise(page, address)
    page.locator(".exercice textarea").fill("x = 1")
    page.wait_for_timeout(600)
    assert page.evaluate(f"{KEPT}?.code") == "x = 1"


def leave_at_once(page: Page, address: str) -> None:
    """Ce qui est écrit juste avant de partir est là au retour."""
    open_exercise(page, address)
    area = page.locator(".exercice textarea")
    area.fill("x = 1")
    page.reload()
    expect(page.locator(".exercice-page > summary")).to_have_text("Reprendre votre réponse", timeout=1_000)
    expect(area).to_have_value("x = 1")


def work_in_two_tabs(page: Page, address: str) -> None:
    """Une réussite notée dans un autre onglet se voit ici, et n'est pas perdue par ce qu'on écrit ici."""
    open_exercise(page, address)
    other = page.context.new_page()
    other.goto(address)
    other.evaluate("parcours.write('exercice', 'quantize_exercise', { reussi: true, code: 'x = 2' })")
    other.close()
    expect(page.locator(".exercice-page > summary")).to_have_text("Répondre dans la page · réussi", timeout=1_000)
    area = page.locator(".exercice textarea")
    expect(area).to_have_value("x = 2", timeout=1_000)
    area.fill("")
    page.wait_for_timeout(600)
    expect(area).to_have_value("")  # une zone vidée le reste : on va y coller
    assert page.evaluate(KEPT)["reussi"]


def write_while_it_runs(page: Page, address: str) -> None:
    """La réponse gardée comme réussie est celle qui a été exécutée ; ce qui a été écrit depuis est gardé après elle."""
    passed = "setTimeout(() => postMessage({ state: 'done', passed: true, message: '', output: '', trace: '' }), 300)"
    body = f"onmessage = () => {passed}"
    page.route("**/exercise-worker.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    open_exercise(page, address)
    area = page.locator(".exercice textarea")
    area.fill("x = 1")
    area.press("Control+Enter")
    area.fill("x = 2")
    code = page.wait_for_function(f"() => {KEPT}?.reussi && {KEPT}.code", timeout=10_000)
    assert code.json_value() == "x = 1"
    page.wait_for_function(f"() => {KEPT}.code === 'x = 2'", timeout=10_000)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (leave_by_keyboard, ("leaving = true", "leaving = false")),
        (come_back_later, ("setTimeout(flush, 500)", "0")),
        (leave_at_once, ('addEventListener("pagehide", flush);', "")),
        (work_in_two_tabs, ("(read()?.reussi ?? false)", "false")),
        (work_in_two_tabs, ("area.value = saved = code;", "saved = code;")),
        (work_in_two_tabs, ("if (saved && area", "if (area")),
        (write_while_it_runs, ("const { code, timer } = running;", "const { timer } = running, code = area.value;")),
        (endless_is_limited, ("running.timer = setTimeout(", "running.timer = ((...skipped) => 0)(")),
    ],
)
def test_editor(check: Callable[[Page, str], None], fault: tuple[str, str], url: str, context: BrowserContext) -> None:
    """Clavier, mémoire, limite de temps : le contrôle passe, et rougit si le script est saboté."""
    endless = "onmessage = () => postMessage({ state: 'running' })"  # un Python qui ne rend jamais la main
    context.route("**/exercise-worker.js", lambda route: route.fulfill(body=endless, content_type="text/javascript"))
    sound, sabotaged = context.new_page(), context.new_page()
    alter_script(sound, SHORTER)
    alter_script(sabotaged, SHORTER, fault)
    check(sound, url + LESSON)
    sabotaged.goto(url + LESSON)
    sabotaged.evaluate("localStorage.clear()")
    with pytest.raises(AssertionError):
        check(sabotaged, url + LESSON)


def test_page_says_why_it_cannot_run(url: str, built_site: Path, context: BrowserContext) -> None:
    """Ouverte depuis un dossier, ou construite sans Pyodide, la page le dit ; un exercice NumPy renvoie au carnet."""
    page = context.new_page()
    page.goto((built_site / LESSON).as_uri())
    expect(page.locator(".exercice")).to_contain_text("Ouvrez le cours en ligne, ou prenez le carnet.")
    assert page.locator(".exercice textarea").count() == 0
    page.route(
        "**/*.html", lambda route: route.fulfill(body=without_python(built_site / LESSON), content_type="text/html")
    )
    page.goto(url + LESSON)
    expect(page.locator(".exercice")).to_contain_text("n’embarque pas de quoi exécuter Python")
    page.unroute("**/*.html")
    page.goto(url + NUMPY_LESSON)
    expect(page.locator(".exercice").first).to_contain_text("emploie NumPy")
    assert page.locator(".exercice textarea").count() == 0
    button = page.locator(".exercice button").first
    button.click()
    page.reload()
    expect(button).to_have_text("Noté comme réussi · annuler")
    other = context.new_page()
    other.goto(url + NUMPY_LESSON)
    other.locator(".exercice button").first.click()
    expect(button).to_have_text("Noter comme réussi")  # l'autre onglet a annulé
    other.locator(".exercice button").first.click()
    expect(button).to_have_text("Noté comme réussi · annuler")
    faults = violations(page, within={"include": [[".exercice"]]})
    button.click()
    expect(button).to_have_text("Noter comme réussi")
    assert faults == []


def without_python(path: Path) -> str:
    """La page telle qu'elle serait construite sans le paquet npm."""
    return re.sub(r'data-pyodide="[^"]*"', 'data-pyodide=""', path.read_text(encoding="utf-8"))
