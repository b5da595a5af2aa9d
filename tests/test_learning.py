"""Apprendre dans la page : quiz, parcours, archive et PDF à emporter, poids, leçon faite au clavier seul."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urljoin

import pytest
import yaml
from demos import start_demo
from lxml import html as lxml_html
from playwright.sync_api import Browser, BrowserContext, Page, Route, TimeoutError, ViewportSize, expect
from proof import browser, publish, takeaway
from proof.audit import normal
from proof.browser import DESKTOP, PHONE, search, switch_theme, violations
from proof.lessons import lessons_by_module, turned
from proof.project import ROOT
from proof.site import load

pytestmark = pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml")
LESSON = "module-4/exporter"
RUNNABLE = "module-1/enjeux"  # son exercice s'exécute dans la page
JOURNEY = "ressources/parcours.html"
WHEN = "2026-11-28T10:00:00.000Z"
READ, QUIZ = {"lue": True, "date": WHEN}, {"score": 4, "total": 5, "date": WHEN}
EXERCISE = {"reussi": True, "code": "print(1)", "date": WHEN}
GOOD: dict[str, Any] = {
    "version": 1,
    "lecon": {LESSON: READ},
    "quiz": {"module-1/enjeux": QUIZ},
    "exercice": {"quantize_exercise": EXERCISE},
}
Sabotage = Callable[[str], str]


def change(context: BrowserContext, pattern: str, sabotage: Sabotage) -> None:
    """Sert au navigateur un fichier du site retouché ; la retouche doit trouver quoi changer."""

    def route(request: Route) -> None:
        response = request.fetch()
        text = response.text()
        changed = sabotage(text)
        assert changed != text, f"{pattern} : rien à saboter"
        request.fulfill(response=response, body=changed)

    context.route(pattern, route)


def questions(lesson: str) -> list[dict[str, Any]]:
    """Questions d'une leçon, d'après leur source, leurs choix dans l'ordre de la page."""
    path = ROOT / f"docs/{lesson}.quiz.yml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [q | {"choix": turned(q["choix"], path.stem, number)} for number, q in enumerate(found, 1)]


def rank(number: int, right: bool = True) -> int:
    """Place, dans la page de LESSON, du choix juste (ou d'un choix faux) de la question."""
    choices = questions(LESSON)[number]["choix"]
    return next(place for place, choice in enumerate(choices) if bool(choice.get("juste")) == right)


def plain(text: str) -> str:
    """Texte comparable : sans balises, apostrophes et espaces ordinaires."""
    bare = re.sub(r"<[^>]+>", "", str(text)).replace("’", "'")
    return re.sub(r"\s+", " ", bare).strip()


# --- Quiz


def answer(page: Page, number: int, choice: int) -> str:
    """Répond à une question ; rend ce que la page en dit."""
    section = page.locator("section.quiz").nth(number)
    section.locator("input").nth(choice).check()
    section.locator("button").click()
    return plain(section.locator("[role=status]").inner_text())


def quiz_faults(page: Page, lesson: str) -> list[str]:
    """Répond faux puis juste à chaque question ; tout ce qui ne suit pas la source du quiz est un défaut."""
    faults = []
    asked = questions(lesson)
    for number, question in enumerate(asked):
        right = next(place for place, choice in enumerate(question["choix"]) if choice.get("juste"))
        wrong = (right + 1) % len(question["choix"])
        texts = [plain(choice["explication"]) for choice in question["choix"]]
        said = answer(page, number, wrong)
        good = f"Bonne réponse : {plain(question['choix'][right]['texte'])} — {texts[right]}"
        if f"✗ Faux : {texts[wrong]}" not in said or good not in said:
            faults.append(f"question {number + 1}, mauvais choix : {said}")
        page.locator("section.quiz").nth(number).locator("button").click()  # Réessayer
        said = answer(page, number, right)
        if f"✓ Juste : {texts[right]}" not in said:
            faults.append(f"question {number + 1}, bon choix : {said}")
    stored = page.evaluate("id => parcours.read('quiz', id)", lesson)
    if not stored or (stored["score"], stored["total"]) != (len(asked), len(asked)):
        faults.append(f"score gardé : {stored}")
    if f"Quiz terminé : {len(asked)} sur {len(asked)}" not in said:
        faults.append(f"fin du quiz : {said}")
    return faults


def test_quiz_follows_its_source(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(f"{url}{LESSON}.html")
    section, restart = page.locator("section.quiz").first, page.locator(".quiz-score + button")
    expect(restart).to_be_hidden()  # rien à recommencer
    section.locator("button").click()
    expect(section.locator("[role=status]")).to_have_text("Choisissez d’abord une réponse.")
    assert quiz_faults(page, LESSON) == []
    expect(restart).to_be_visible()
    page.reload()
    answer(page, 0, rank(0, right=False))  # une nouvelle visite, moins heureuse, n'ôte rien au meilleur score
    assert page.evaluate("id => parcours.read('quiz', id).score", LESSON) == len(questions(LESSON))
    page.get_by_role("button", name="Recommencer le quiz").click()
    assert page.locator("section.quiz input:checked").count() == 0
    expect(page.locator("section.quiz input").first).to_be_focused()
    expect(restart).to_be_hidden()
    assert errors == []


def test_a_quiz_with_the_wrong_key_is_seen(url: str, context: BrowserContext) -> None:
    right = rank(0)
    change(
        context, "**/exporter.html", lambda text: text.replace(f'data-juste="{right}"', f'data-juste="{right + 1}"', 1)
    )
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    assert quiz_faults(page, LESSON)


@pytest.mark.parametrize("focus", ["", "check.focus();"])
def test_enter_on_a_choice_keeps_the_keyboard(focus: str, url: str, context: BrowserContext) -> None:
    """Répondre par Entrée, sur le choix même, mène au bouton ; sans ce soin, le clavier repartirait du haut."""
    if focus:
        change(context, "**/journey.js", lambda text: text.replace(focus, ""))
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    page.locator("section.quiz input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("section.quiz [role=status]").first).to_contain_text(re.compile("Juste|Faux"))
    assert (page.evaluate("document.activeElement.textContent") == "Réessayer") == (not focus)


def test_quiz_is_accessible_before_during_and_after(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    within = {"include": [["section.quiz"], [".quiz-score"], [".lecture"], [".md-nav--primary"]]}
    faults = violations(page, within=within)
    right, wrong = answer(page, 0, rank(0)), answer(page, 1, rank(1, right=False))
    assert ("Juste" in right, "Faux" in wrong) == (True, True)
    page.locator("section.quiz").nth(2).locator("input").first.check()  # une réponse choisie, pas encore vérifiée
    faults += violations(page, within=within)
    switch_theme(page, "slate")
    page.wait_for_timeout(300)  # les couleurs changent par transition
    faults += violations(page, within=within)
    page.set_viewport_size(PHONE)
    faults += violations(page, within=within)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not faults, "\n".join(faults)
    page.evaluate("for (const label of document.querySelectorAll('section.quiz label')) label.lastChild.remove()")
    assert violations(page, within=within), "un bouton radio sans nom n'est pas vu"


def test_quiz_without_javascript(url: str, chromium: Browser) -> None:
    """Sans script : chaque question, et chaque réponse derrière son repli."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    shown = plain(page.locator("article").inner_text())
    behind = plain(" ".join(page.locator("section.quiz details").all_text_contents()))
    forms = page.locator("section.quiz form, .lecture").count()
    expect(page.locator("#theme")).to_be_hidden()  # sans script, il ne ferait rien
    page.goto(f"{url}ressources/checklist.html")
    expect(page.locator("#tout-decocher")).to_be_hidden()
    page.goto(url + JOURNEY)
    journey = page.locator("article").inner_text()
    context.close()
    for question in questions(LESSON):
        assert plain(question["question"]) in shown
        for choice in question["choix"]:
            assert plain(choice["texte"]) in shown and plain(choice["explication"]) in behind
    assert forms == 0
    assert "JavaScript est coupé" in journey and "Exporter le CNN du cours" in journey


# --- Parcours


def hostile_values() -> list[str]:
    """Contenus du stockage, tous mauvais ou presque, parfois avec de bonnes entrées au milieu."""
    values = [
        "",
        "{",
        "undefined",
        "NaN",
        "\x00\x01",
        "<script>alert(1)</script>",
        "é🙂\ud800",
        "a" * 500_000,
        "'",
        "{'a':1}",
    ]
    values += [
        "null",
        "true",
        "0",
        "-1",
        "1e999",
        '"texte"',
        "[]",
        "{}",
        "[[[[1]]]]",
        '{"a":{"b":{"c":[]}}}',
        "[" * 100_000,
    ]
    for version in (0, 2, 99, -1, 1.5, "1", None, [1], {"v": 1}):
        values.append(json.dumps(GOOD | {"version": version}))
    values.append(json.dumps(GOOD | {"version": 1, "x": {}})[:-2] + "[" * 20_000 + "]" * 20_000 + "}")
    junk: list[Any] = [None, [], [1, 2], "texte", 5, True, {"a": 1}, {"__proto__": {"score": 9}}, [[[]]], "x" * 30_000]
    wrongs: list[Any] = [None, "", -1, 1.5, 10**9, [], {}, "2026-13-45", "x" * 30_000, "1", True]
    for kind in ("lecon", "quiz", "exercice"):
        values += [json.dumps(GOOD | {kind: value}) for value in junk]
        values += [json.dumps(GOOD | {kind: {"module-5/metriques": value, **GOOD[kind]}}) for value in junk]
        for name in (
            "__proto__",
            "constructor",
            "toString",
            "hasOwnProperty",
            "",
            "a" * 500,
            "../../x",
            "<img src=x>",
            "é",
        ):
            values.append(json.dumps(GOOD | {kind: {name: GOOD[kind][next(iter(GOOD[kind]))], **GOOD[kind]}}))
        good = next(iter(GOOD[kind].values()))
        for field in good:
            for wrong in wrongs:
                if wrong is not True or good[field] is not True:
                    values.append(
                        json.dumps(GOOD | {kind: {"module-5/metriques": good | {field: wrong}, **GOOD[kind]}})
                    )
    generator = random.Random(6)
    text = json.dumps(GOOD)
    for _ in range(60):
        spot = generator.randrange(len(text))
        values.append(
            text[:spot] + generator.choice(["", "}", '"', "\\", "9", "\u2028"]) + text[spot + generator.randrange(3) :]
        )
    return values


# Pour chaque valeur : la page se redessine, une écriture réussit, rien de lisible ni d'illisible n'est perdu.
FUZZ = r"""values => {
  const faults = [];
  const parsed = text => { try { return JSON.parse(text) } catch { return undefined } };
  const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);
  for (const [index, text] of values.entries()) {
    const fault = what => faults.push(`${index} ${JSON.stringify(text.slice(0, 80))} : ${what}`);
    localStorage.clear();
    localStorage.setItem("parcours", text);
    const readable = new Map();
    try {
      for (const kind of ["lecon", "quiz", "exercice"]) readable.set(kind, Object.entries(parcours.read(kind)));
    } catch (error) { fault(`read : ${error}`); continue }
    for (const [kind, entries] of readable) for (const [id, entry] of entries) {
      const { lue = true, reussi = true, score = 0, total = 1, code = "", date } = entry;
      const valid = [lue, reussi].every(value => typeof value === "boolean") && [score, total].every(Number.isInteger);
      const bounded = score >= 0 && score <= total && `${code}`.length <= 20_000 && !Number.isNaN(Date.parse(date));
      if (!valid || !bounded || !/^[a-z0-9][\w./-]{0,119}$/i.test(id)) fault(`${kind} ${id} lu sans contrôle`);
    }
    const before = parsed(text);
    if (isObject(before) && before.version === 1) {
      for (const [kind, [id, entry]] of Object.entries(good)) {
        const stored = isObject(before[kind]) && JSON.stringify(before[kind][id]) === JSON.stringify(entry);
        if (stored && !parcours.read(kind, id)) fault(`${kind} valable non lu`);
      }
    }
    try {
      if (!parcours.write("lecon", "module-9/essai", { lue: true })) fault("écriture refusée");
    } catch (error) { fault(`write : ${error}`); continue }
    if (!parcours.read("lecon", "module-9/essai")) fault("écriture perdue");
    for (const [kind, entries] of readable) for (const [id, entry] of entries) {
      if (JSON.stringify(parcours.read(kind, id)) !== JSON.stringify(entry)) fault(`${kind} ${id} perdu`);
    }
    const aside = Object.keys(localStorage).filter(name => name.startsWith("parcours-illisible"));
    const kept = aside.some(name => localStorage.getItem(name) === text);
    const after = parsed(localStorage.getItem("parcours"));
    if (!kept) {
      delete after.lecon["module-9/essai"];
      for (const kind of readable.keys()) if (!Object.hasOwn(before ?? {}, kind)) delete after[kind];
      if (JSON.stringify(after) !== JSON.stringify(before)) fault("contenu d'origine perdu");
    }
    if (({}).score !== undefined || Object.keys(Object.prototype).length) fault("prototype pollué");
  }
  localStorage.clear();
  return faults;
}"""


def fuzz(page: Page, values: list[str], script: str = FUZZ) -> list[str]:
    """Ce que le parcours de la page perd, croit ou laisse échapper devant les valeurs hostiles."""
    good = {kind: next(iter(GOOD[kind].items())) for kind in ("lecon", "quiz", "exercice")}
    page.evaluate("good => { window.good = good }", good)
    found: list[str] = page.evaluate(script, values)
    return found


def test_hostile_storage(url: str, context: BrowserContext) -> None:
    values = hostile_values()
    assert len(values) >= 200
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(f"{url}{LESSON}.html")
    faults = fuzz(page, values)
    for value in values[:: len(values) // 6]:  # et de vrais chargements
        page.evaluate("value => localStorage.setItem('parcours', value)", value)
        page.reload()
        page.wait_for_selector(".lecture")
        assert page.locator("section.quiz form").count() == len(questions(LESSON))
    assert not faults + errors, "\n".join((faults + errors)[:20])


def test_a_careless_store_is_seen(url: str, context: BrowserContext) -> None:
    """Le même contrôle, sur un rangement dont on retire une précaution à la fois."""
    source, values = (ROOT / "overrides/assets/progress.js").read_text(encoding="utf-8"), hostile_values()
    page = context.new_page()
    page.goto(f"{url}404.html")  # une page sans quiz
    for old, new, seen in (
        ("if (damaged) setAside(text);", "", "contenu d'origine perdu"),
        ("if (!isValid(entry[name])) return null;", "", "lu sans contrôle"),
        ("if (!ID.test(id) || !isObject(value)) return null;", "", "read : TypeError"),
        ("if (!isObject(own(raw, kind))) raw[kind] = {};", "raw[kind] = {};", "perdu"),
    ):
        assert old in source
        page.add_script_tag(content=source.replace(old, new))
        assert seen in "\n".join(fuzz(page, values)), f"sans « {old} », rien n'est vu"


# La page « Mon parcours » devant chaque valeur : tout reste lisible, le valable s'y voit et s'exporte, rien d'autre.
JOURNEY_FUZZ = r"""async values => {
  const faults = [];
  let blob = null;
  URL.createObjectURL = content => { blob = content; return "#" };
  HTMLAnchorElement.prototype.click = () => {};
  const [total, save] = [document.querySelector(".parcours-total"), document.querySelector("#parcours-exporter")];
  const items = [...document.querySelectorAll(".mon-parcours > li")];
  const line = id => items.find(item => item.dataset.lecon === id).querySelector("span").textContent;
  const SUM = /Leçons lues : \d+ sur \d+\. Quiz commencés : \d+ sur \d+\. Exercices réussis : \d+ sur \d+\.$/;
  const LINE = /^(✓ lue|à lire) · quiz (: \d+ sur \d+|de \d+ questions)( · (\d+ sur )?\d+ exercices?( réussis?)?)?$/;
  for (const [index, text] of values.entries()) {
    const fault = what => faults.push(`${index} ${JSON.stringify(text.slice(0, 80))} : ${what}`);
    localStorage.clear();
    localStorage.setItem("parcours", text);
    total.textContent = "";
    dispatchEvent(new StorageEvent("storage", { key: "parcours" })); // écrit par un autre onglet
    if (!SUM.test(total.textContent)) fault(`bilan : ${total.textContent.slice(0, 200)}`);
    for (const item of items) {
      const said = item.querySelector("span").textContent;
      if (!LINE.test(said)) fault(`${item.dataset.lecon} : ${said.slice(0, 200)}`);
    }
    let [before, after] = [{}, {}];
    try { before = JSON.parse(text) ?? {} } catch { /* illisible */ }
    blob = null;
    save.click();
    try { after = JSON.parse(await blob.text()) ?? {} } catch (error) { fault(`exportation : ${error}`) }
    if (`${Object.keys(after)}` !== "version,lecon,quiz,exercice") fault("exportation sans ses parties");
    const kept = (kind, id) => JSON.stringify(before[kind]?.[id]) === JSON.stringify(good[kind][1]);
    for (const [kind, [id, entry]] of Object.entries(good)) {
      if (before.version !== 1 || !kept(kind, id)) continue;
      if (JSON.stringify(after[kind]?.[id]) !== JSON.stringify(entry)) fault(`${kind} : valable, non exporté`);
      const where = kind === "quiz" ? id : good.lecon[0];
      const words = { lecon: "✓ lue", quiz: "quiz : 4 sur 5", exercice: "1 sur 1 exercice réussi" };
      if (!line(where).includes(words[kind])) fault(`${kind} : valable, non affiché`);
    }
    for (const [id, entry] of Object.entries(after.quiz ?? {})) {
      if (!(entry?.score <= entry?.total) || Number.isNaN(Date.parse(entry.date))) fault(`${id} exporté sans contrôle`);
    }
  }
  localStorage.clear();
  return faults;
}"""


@pytest.mark.parametrize(
    ("file", "old", "new", "seen"),
    [
        ("", "", "", ""),
        ("progress.js", "if (!isValid(entry[name])) return null;", "", "sans contrôle"),
        ("progress.js", "if (!ID.test(id) || !isObject(value)) return null;", "", "bilan"),
        ("progress.js", "JSON.stringify(clean(load().raw), null, 1)", "load().text", "exportation"),
        ("progress.js", "const entry = checked(kind, id, value);", "const entry = null;", "valable, non"),
        ("journey-page.js", "read[id]?.lue ?", "read[id].lue ?", "bilan"),
    ],
)
def test_hostile_storage_on_the_journey_page(
    file: str, old: str, new: str, seen: str, url: str, context: BrowserContext
) -> None:
    """Tout reste lisible et s'exporte ; sans une des précautions, le contrôle le voit."""
    if file:
        change(context, f"**/{file}", lambda text: text.replace(old, new))
    values = hostile_values()
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(url + JOURNEY)
    page.wait_for_selector(".md-nav--primary", state="attached")
    faults = fuzz(page, values, JOURNEY_FUZZ)
    if file:
        assert seen in "\n".join(faults), f"sans « {old} », rien n'est vu : {faults[:3]}"
        return
    for value in [*values[:: len(values) // 3], json.dumps(GOOD)]:  # et de vrais chargements
        page.evaluate("value => localStorage.setItem('parcours', value)", value)
        page.reload()
        expect(page.locator(".parcours-total")).to_contain_text("Leçons lues : ")
        with page.expect_download() as download:
            page.get_by_role("button", name="Exporter").click()
        exported = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert exported["version"] == 1 and exported == json.loads(page.evaluate("parcours.export()"))
    assert exported == GOOD
    assert not faults + errors, "\n".join((faults + errors)[:20])


# Deux navigateurs ont divergé : chaque entrée gardée, celle qu'on importe, et ce qu'il doit en rester.
BEFORE, AFTER = "2026-11-01", "2026-11-20"
MERGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("quiz", {"score": 5, "total": 5}, {"score": 3, "total": 5}, {"score": 5, "total": 5}),
    ("quiz", {"score": 2, "total": 5}, {"score": 3, "total": 5}, {"score": 3, "total": 5}),
    ("quiz", {"score": 5, "total": 5}, {"score": 3, "total": 6}, {"score": 3, "total": 6}),
    ("lecon", {"lue": True}, {"lue": False}, {"lue": True}),
    ("exercice", {"reussi": True, "code": "x"}, {"reussi": False, "code": "y"}, {"reussi": True, "code": "y"}),
    ("exercice", {"reussi": False, "code": "x"}, {"reussi": True, "code": ""}, {"reussi": True, "code": "x"}),
]


def merge_faults(page: Page) -> list[str]:
    """Fusions qui perdent quelque chose, dans un sens ou dans l'autre."""
    faults = []
    for kind, older, newer, expected in MERGES:
        entries = [older | {"date": BEFORE}, newer | {"date": AFTER}]
        for here, there in (entries, entries[::-1]):
            files = [json.dumps({"version": 1, kind: {"a": entry}}) for entry in (here, there)]
            script = "([kind, here, there]) => { localStorage.parcours = here; parcours.import(there); "
            found = page.evaluate(script + "return JSON.stringify(parcours.read(kind, 'a')); }", [kind, *files])
            if json.loads(found) != expected | {"date": AFTER}:
                faults.append(f"{kind} : {here} et {there} donnent {found}")
    return faults


# Deux onglets : l'un efface puis se ravise, ou écrit quand la place manque ; l'autre écrit entre-temps.
SHARED = """async other => {
  const { setItem } = Storage.prototype;
  const faults = [];
  const write = id => parcours.write("lecon", id, { lue: true });
  const check = (what, ...ids) => {
    const { lecon } = JSON.parse(localStorage.getItem("parcours"));
    for (const id of ids) if (!lecon[id]) faults.push(`${what} : ${id} est perdue`);
  };
  localStorage.clear();
  write("avant");
  const undo = parcours.erase();
  localStorage.setItem("parcours", other);
  undo();
  check("effacement annulé", "avant", "ailleurs");
  localStorage.clear();
  Storage.prototype.setItem = () => { throw new DOMException("plein", "QuotaExceededError") };
  write("refusee");
  Storage.prototype.setItem = setItem;
  localStorage.setItem("parcours", other);
  write("apres");
  check("place retrouvée", "refusee", "ailleurs", "apres");
  return faults;
}"""


def shared_faults(page: Page) -> list[str]:
    """Ce que deux onglets se font perdre l'un à l'autre."""
    other = json.dumps({"version": 1, "lecon": {"ailleurs": READ}})
    found: list[str] = page.evaluate(SHARED, other)
    return found


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (merge_faults, "if (older[name]) entry[name] = true;", ""),
        (merge_faults, "older.total === entry.total && older.score", "older.score"),
        (merge_faults, "&& older.score > entry.score)", "&& false)"),
        (shared_faults, "else if (name !== KEY || damaged) setAside(text);", "else localStorage.setItem(name, text);"),
        (shared_faults, "if (refused.size) apply(", "if (false) apply("),
        (shared_faults, "join(erased);", ""),
    ],
)
def test_nothing_earned_is_lost(
    check: Callable[[Page], list[str]], old: str, new: str, url: str, context: BrowserContext
) -> None:
    """Importer, annuler, écrire à deux : rien d'acquis ne se perd ; sans une des précautions, le contrôle le voit."""
    source = (ROOT / "overrides/assets/progress.js").read_text(encoding="utf-8")
    page = context.new_page()
    page.goto(f"{url}404.html")
    assert check(page) == []
    assert old in source
    page.add_script_tag(content=source.replace(old, new))
    assert check(page), f"sans « {old} », rien n'est vu"


@pytest.mark.parametrize("failure", ["plein", "refusé"])
def test_storage_full_or_refused(failure: str, url: str, context: BrowserContext) -> None:
    refused = (
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('non', 'SecurityError') }})"
    )
    full = "Storage.prototype.setItem = () => { throw new DOMException('plein', 'QuotaExceededError') }"
    context.add_init_script(full if failure == "plein" else refused)
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(f"{url}{LESSON}.html")
    assert "Juste" in answer(page, 0, rank(0))
    expect(page.locator(".quiz-score")).to_contain_text("Réponses justes : 1 sur 5. Ce navigateur refuse")
    page.locator(".lecture").scroll_into_view_if_needed()
    expect(page.locator(".lecture-etat")).to_contain_text("✓ Leçon lue. Ce navigateur refuse")
    assert page.evaluate("parcours.kept") is False
    assert errors == []


def test_reading_a_lesson_marks_it(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    current = page.locator(".md-nav--primary a.md-nav__link--active:not([href^='#'])")
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(200)
    assert page.evaluate("parcours.read('lecon')") == {}, "lue avant la fin"
    page.locator(".lecture").scroll_into_view_if_needed()
    expect(page.locator(".lecture-etat")).to_have_text("✓ Leçon lue.")
    page.evaluate("parcours.write('exercice', 'quantize_exercise', {reussi: true, code: 'x = 1'})")
    expect(current).to_contain_text("(leçon lue, 1 exercice réussi)")
    page.get_by_role("button", name="Marquer comme non lue").click()
    page.reload()
    page.locator(".lecture").scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    expect(page.locator(".lecture-etat")).to_have_text("")  # ce choix du lecteur tient
    expect(current).to_contain_text("(1 exercice réussi)")


def test_journey_page(url: str, context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(url + JOURNEY)
    total, importer = page.locator(".parcours-total"), page.locator("#parcours-importer")
    lessons = sum(len(module) for module in lessons_by_module(ROOT, load(ROOT)["nav"]).values())
    expect(total).to_contain_text(f"Leçons lues : 0 sur {lessons}.")
    assert page.locator(".mon-parcours > li").count() == lessons > 40

    def bring(text: str) -> None:
        path = tmp_path / "fichier.json"
        path.write_text(text, encoding="utf-8")
        importer.set_input_files(path)

    bring(json.dumps(GOOD | {"quiz": {**GOOD["quiz"], "module-2/donnees": {"score": 7, "total": 5, "date": WHEN}}}))
    expect(total).to_contain_text("3 entrées ajoutées ou mises à jour. 1 entrée illisible ignorée.")
    expect(total).to_contain_text("Leçons lues : 1")
    line = page.locator(f"[data-lecon='{LESSON}']")
    expect(line).to_contain_text("✓ lue · quiz de 5 questions · 1 sur 1 exercice réussi")
    expect(page.locator("[data-lecon='module-1/enjeux']")).to_contain_text("quiz : 4 sur 5")
    before = page.evaluate("parcours.export()")
    assert json.loads(before) == GOOD
    for text, said in (
        ("pas du JSON", "n’est pas du JSON"),
        ("[1, 2]", "n’est pas un parcours"),
        ('{"version": 7, "lecon": {}}', "autre version du cours"),
        ("x" * 2_000_001, "trop gros"),
    ):
        bring(text)
        expect(total).to_contain_text("Rien n’a été importé.")
        expect(total).to_contain_text(said)
        assert page.evaluate("parcours.export()") == before, f"{said} : le parcours a changé"
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter").click()
    assert download.value.suggested_filename == "parcours.json"
    assert Path(download.value.path()).read_text(encoding="utf-8") == before
    faults = violations(page, within={"include": [["article"], [".md-nav--primary"]]})
    page.get_by_role("button", name="Tout effacer").click()
    expect(total).to_contain_text("Parcours effacé. Leçons lues : 0")
    assert page.evaluate("localStorage.getItem('parcours')") is None
    page.get_by_role("button", name="Annuler l’effacement").click()
    assert page.evaluate("parcours.export()") == before
    page.get_by_role("button", name="Tout effacer").dblclick()  # le second clic n'efface rien : il ne doit rien perdre
    expect(total).to_contain_text("Parcours effacé. Leçons lues : 0")
    page.get_by_role("button", name="Annuler l’effacement").click()
    assert page.evaluate("parcours.export()") == before
    page.set_viewport_size(PHONE)
    switch_theme(page, "slate")
    page.wait_for_timeout(300)
    faults += violations(page, within={"include": [["article"]]})
    assert not faults, "\n".join(faults)
    assert errors == []


def test_journey_page_waits_for_its_store(url: str, context: BrowserContext) -> None:
    """Un premier geste peut faire rejouer DOMContentLoaded sur le document avant que progress.js soit là."""
    early = 'document.dispatchEvent(new Event("DOMContentLoaded"));'
    change(context, "**/course.js", lambda text: early + text)
    page = context.new_page()
    page.goto(url + JOURNEY)
    expect(page.locator(".parcours-total")).to_contain_text("Leçons lues")


def test_checklist_in_two_tabs(url: str, context: BrowserContext) -> None:
    """Chaque onglet ne garde que la coche qu'il change, et suit l'autre ; une coche inconnue reste."""
    address = f"{url}ressources/checklist.html"
    one, two = context.new_page(), context.new_page()
    one.goto(address)
    one.evaluate("localStorage.setItem('checklist', JSON.stringify(['d’une autre version']))")
    boxes = [page.locator(".checklist input") for page in (one, two)]
    two.goto(address)
    boxes[0].nth(0).check()
    expect(boxes[1].nth(0)).to_be_checked()  # l'autre onglet suit
    one.evaluate("addEventListener('storage', event => event.stopImmediatePropagation(), true)")
    boxes[1].nth(1).check()
    boxes[0].nth(2).check()
    one.reload()
    for number in range(3):
        expect(boxes[0].nth(number)).to_be_checked()
    one.get_by_role("button", name="Tout décocher").click()
    expect(boxes[1].nth(1)).not_to_be_checked()
    assert json.loads(one.evaluate("localStorage.getItem('checklist')")) == ["d’une autre version"]


def test_two_tabs_unaware_of_each_other(url: str, context: BrowserContext) -> None:
    """Même sans recevoir l'événement `storage`, un onglet ne défait pas la coche de l'autre."""
    deaf = "addEventListener('storage', event => event.stopImmediatePropagation(), true)"
    context.add_init_script(deaf)
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        page.goto(f"{url}ressources/checklist.html")
    one.locator(".checklist input").nth(0).check()
    two.locator(".checklist input").nth(1).check()
    one.reload()
    for number in range(2):
        expect(one.locator(".checklist input").nth(number)).to_be_checked()


# --- Exercices : ce que la page dit quand cela tourne mal


def run_exercise(context: BrowserContext, url: str, worker: str) -> Page:
    """Exécute l'exercice de la leçon, Python étant remplacé par ce script."""
    context.route("**/exercise-worker.js", lambda route: route.fulfill(body=worker, content_type="text/javascript"))
    page = context.new_page()
    page.goto(f"{url}{RUNNABLE}.html")
    page.locator(".exercice-page > summary").first.click()
    page.locator(".exercice textarea").first.fill("x = 1")
    page.get_by_role("button", name="Exécuter").first.click()
    return page


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        ("import './absent.mjs'", "Python n’a pas pu démarrer"),
        ("onmessage = () => { throw new Error('non') }", "Python n’a pas pu démarrer"),
        (
            "onmessage = () => { postMessage({ state: 'running' }); setTimeout(() => { throw new Error('non') }, 50) }",
            "Python s’est arrêté en pleine exécution",
        ),
    ],
)
def test_a_crash_is_not_a_failed_start(worker: str, said: str, url: str, context: BrowserContext) -> None:
    page = run_exercise(context, url, worker)
    expect(page.locator(".exercice-etat").first).to_contain_text(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("const load = async () => {", "const load = async () => { throw new Error('non');", "failed"),
        (
            "const load = async () => {",
            "const load = async () => { return () => { throw new Error('non') };",
            "crashed",
        ),
    ],
)
def test_worker_tells_a_crash_from_a_failed_start(
    old: str, new: str, said: str, url: str, context: BrowserContext
) -> None:
    source = (ROOT / "overrides/assets/exercise-worker.js").read_text(encoding="utf-8")
    assert old in source
    page = run_exercise(context, url, source.replace(old, new))
    starts = {"failed": "Python n’a pas pu démarrer", "crashed": "Python s’est arrêté en pleine exécution"}
    expect(page.locator(".exercice-etat").first).to_contain_text(starts[said])
    expect(page.locator(".exercice-etat").first).to_contain_text("(Error: non)")


def test_an_answer_refused_by_the_browser(url: str, context: BrowserContext) -> None:
    """Le refus est dit une fois ; le changement suivant réessaie, et la réponse est gardée dès que c'est possible."""
    done = "{ state: 'done', passed: false, message: 'Un test échoue.', output: '', trace: '' }"
    context.add_init_script(
        "const { setItem } = Storage.prototype;"
        "window.full = true;"
        "Storage.prototype.setItem = function (...what) {"
        " if (window.full) throw new DOMException('plein', 'QuotaExceededError'); setItem.apply(this, what); }"
    )
    page = run_exercise(context, url, f"onmessage = () => postMessage({done})")
    status, area = page.locator(".exercice-etat").first, page.locator(".exercice textarea").first
    expect(status).to_have_text(
        "Un test échoue. Ce navigateur refuse de garder votre réponse : copiez-la avant de quitter la page."
    )
    page.get_by_role("button", name="Exécuter").first.click()
    expect(status).to_have_text("Un test échoue.")  # dit une fois
    page.evaluate("window.full = false")
    area.dispatch_event("input")  # la même réponse : elle n'est pas encore gardée
    page.wait_for_function("localStorage.getItem('parcours')?.includes('x = 1')")


# --- Emporter, imprimer


def test_takeaway_opens_from_a_folder(built_site: Path, context: BrowserContext, tmp_path: Path) -> None:
    """L'archive, dépliée et ouverte par `file://` : recherche, onglets, quiz, et rien qui parte ailleurs."""
    with zipfile.ZipFile(built_site / "emporter/cours.zip") as packed:
        packed.extractall(tmp_path)
    refused = browser.watch(context)
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto((tmp_path / "cours/index.html").as_uri())
    page.keyboard.press("ControlOrMeta+k")
    expect(page.locator(".md-search__input")).to_be_focused(timeout=10_000)
    assert any("exporter.html" in address for address in search(page, "exporter le CNN")[:3])
    page.goto((tmp_path / "cours/module-2/classification-mnist.html").as_uri())
    page.get_by_text("PyTorch", exact=True).locator("visible=true").first.click()
    assert all(
        page.eval_on_selector_all(".tabbed-set", "sets => sets.map(s => s.querySelectorAll('input')[1].checked)")
    )
    page.goto((tmp_path / f"cours/{LESSON}.html").as_uri())
    assert "Juste" in answer(page, 0, rank(0))
    page.goto((tmp_path / "cours" / JOURNEY).as_uri())
    expect(page.locator(f"[data-lecon='{LESSON}']")).to_contain_text("quiz : 1 sur 5")
    assert (refused, errors) == ([], [])


def test_takeaway_is_the_site(built_site: Path, tmp_path: Path) -> None:
    """Deux archives du même site ont les mêmes octets ; elles ont toutes ses pages, et ne se contiennent pas."""
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    for target in (first, second):
        takeaway.archive(built_site, target)
    assert first.read_bytes() == second.read_bytes()
    names = set(zipfile.ZipFile(first).namelist())
    assert names == set(zipfile.ZipFile(built_site / "emporter/cours.zip").namelist())
    pages = {f"cours/{path.relative_to(built_site).as_posix()}" for path in built_site.rglob("*.html")}
    assert pages <= names and "cours/search/search_index.js" in names
    assert not any("emporter/" in name for name in names)
    promise = b' data-pyodide="[^"]'  # l'archive n'a pas de quoi exécuter Python : ses pages ne le promettent pas
    lesson = (built_site / f"{LESSON}.html").read_bytes()
    assert not re.search(promise, zipfile.ZipFile(first).read(f"cours/{LESSON}.html"))
    assert re.search(promise, lesson) or not (built_site / "assets/pyodide").is_dir()


def test_only_existing_files_are_linked(tmp_path: Path) -> None:
    (tmp_path / "emporter").mkdir()
    (tmp_path / "emporter/cours.zip").write_bytes(b"x" * 1_234_567)
    span = '<span data-emporter="{0}" data-adresse="../emporter/{0}">le site</span>'
    page = tmp_path / "a.html"
    page.write_text(span.format("cours.zip") + span.format("module-1.pdf"), encoding="utf-8")
    takeaway.link(tmp_path)
    linked = '<a href="../emporter/cours.zip" download>le site</a> (1,2\u00a0Mo)'
    assert page.read_text(encoding="utf-8") == linked + span.format("module-1.pdf")


def test_printed_module(built_site: Path, chromium: Browser, context: BrowserContext, tmp_path: Path) -> None:
    """Un module imprimé garde plan, balises et liens, comme `make pdf` l'exige de tous ; ni code ni table coupés."""
    document = takeaway.printable(built_site, "module-6")
    draft = tmp_path / "module.html"
    draft.write_bytes(lxml_html.tostring(document, encoding="utf-8"))
    page = context.new_page()
    page.set_viewport_size({"width": 850, "height": 1100})  # la largeur d'une feuille A4, à l'échelle des PDF
    page.emulate_media(media="print")
    page.goto(draft.as_uri())
    cut = """[...document.querySelectorAll("pre > code, table, figure, math[display=block]")]
      .filter(node => node.scrollWidth > node.clientWidth + 1 || node.getBoundingClientRect().right > innerWidth + 1)
      .map(node => node.outerHTML.slice(0, 120))"""
    assert page.evaluate(cut) == []
    hashes = page.evaluate("[...document.links].map(link => link.getAttribute('href')).filter(href => href[0] === '#')")
    assert {unquote(name[1:]) for name in hashes} <= set(
        page.evaluate("[...document.querySelectorAll('[id]')].map(n => n.id)")
    )
    assert page.locator("details:not([open]), button, input").count() == 0
    page.add_style_tag(content="pre > code { white-space: pre !important }")
    assert page.evaluate(cut), "une ligne coupée n'est pas vue"
    assert {"plan", "balises"} <= set(takeaway.pdf_faults(page.pdf(outline=False, tagged=False), document))
    ((printed, faults),) = takeaway.print_modules(chromium, built_site, tmp_path, ["module-6"]).items()
    pdf = printed.read_bytes()
    assert faults == takeaway.pdf_faults(pdf, document) == []
    for old, new, seen in (
        (rb"/Lang \(fr\)", b"/Lang (en)", "langue"),
        (rb"/Title <", b"/Title <FEFF0041> <", "titre « A »"),
        (rb"/Dest /p1\n", b"", "lien perdu : #p1"),
        (rb"/p1 \[", b"[", "lien perdu : #p1"),
        (rb"/URI \(http", b"/URI (", "lien perdu : http"),
    ):
        found = takeaway.pdf_faults(re.sub(old, new, pdf), document)
        assert any(fault.startswith(seen) for fault in found), f"sans {old!r}, rien n'est vu"


def test_make_pdf_fails_on_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").touch()
    (tmp_path / "module-1.pdf").touch()
    monkeypatch.setattr(browser, "launch", contextlib.nullcontext)
    monkeypatch.setattr(sys, "argv", ["takeaway", "pdf", str(tmp_path)])
    for faults in ([], ["lien perdu : #p1"]):
        monkeypatch.setattr(takeaway, "print_modules", lambda *_, found=faults: {tmp_path / "module-1.pdf": found})
        assert takeaway.main() == len(faults)
    assert "module-1.pdf : lien perdu : #p1" in capsys.readouterr().err


def test_a_dark_page_prints_light(url: str, context: BrowserContext) -> None:
    """Imprimée depuis le thème sombre, une leçon a les couleurs du clair, sans bouton, avec toutes ses réponses."""
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    colours = """[...document.querySelectorAll("article *")].map(node => {
      const { color, backgroundColor } = getComputedStyle(node);
      return `${color} ${backgroundColor}`;
    })"""
    page.add_style_tag(content="* { transition: none !important }")
    found = {}
    states: list[tuple[str, Literal["print", "screen"]]]
    states = [("default", "print"), ("slate", "print"), ("slate", "screen")]
    for scheme, media in states:
        page.emulate_media(media=media)
        if page.get_attribute("body", "data-md-color-scheme") != scheme:
            switch_theme(page, scheme)
        found[scheme, media] = page.evaluate(colours)
        if media == "print":
            shown = page.locator("article button:visible, article input:visible, article form:visible").count()
            answers = page.locator("section.quiz .quiz-explication:visible").count()
            assert (shown, answers) == (0, sum(len(question["choix"]) for question in questions(LESSON)))
    assert found["default", "print"] == found["slate", "print"]
    assert found["slate", "print"] != found["slate", "screen"], "deux thèmes différents ne sont pas vus"


def test_printed_tabs_have_their_names(built_site: Path) -> None:
    for path in built_site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        blocks = re.findall(r'<div class="tabbed-block"([^>]*)>', text)
        labels = re.findall(r'<label for="__tabbed_\d+_\d+">(.*?)</label>', text)
        assert len(blocks) == len(labels), path
        assert sorted(f' data-titre="{re.sub("<.*?>", "", label)}"' for label in labels) == sorted(blocks), path


# --- Des mots anglais, lus comme tels


def test_english_words_are_marked(built_site: Path) -> None:
    """Un italique seul entre parenthèses est un mot anglais, et le dit ; le gras et l'italique français restent là."""
    text = "(<em>gradient\ndescent</em>, SGD), (<em>rate</em>), (<strong>gras</strong>), (<em>ici</em> et là)"
    english = text.replace("<em>gradient", '<em lang="en">gradient').replace("<em>rate", '<em lang="en">rate')
    assert publish.ENGLISH.sub('(<em lang="en">', text) == english
    pages = "".join(path.read_text(encoding="utf-8") for path in built_site.rglob("*.html"))
    marked = re.findall(r'\(<em lang="en">([^<]*)</em>[,)]', pages)
    assert not publish.ENGLISH.search(pages)
    assert len(set(marked)) > 150 and {"dropout", "fine-tuning", "throughput"} <= set(marked)
    assert [word for word in marked if re.search("[éèêàùçœ]", word)] == [], "un mot français est dit anglais"


# --- Léger, stable


@pytest.fixture(scope="module")
def lesson_names() -> list[str]:
    """Toutes les leçons, et le carnet."""
    modules = lessons_by_module(ROOT, load(ROOT)["nav"]).values()
    return [lesson.page for module in modules for lesson in module] + ["module-2/classification-mnist-carnet"]


def transfers(page: Page, address: str) -> set[str]:
    """Adresses demandées par une page ouverte, prélecture du script de Material comprise."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.partition("#")[0]))
    page.goto(address, wait_until="load")
    page.mouse.move(100, 100)  # premier geste : le script de Material est exécuté
    page.wait_for_load_state("networkidle")
    return asked | {urljoin(address, str(page.get_attribute("#material", "href")))}


def test_pages_are_light(url: str, built_site: Path, chromium: Browser, lesson_names: list[str]) -> None:
    """Octets compressés (gzip) demandés à l'ouverture, seule puis après une autre page.

    Une figure n'est demandée qu'à l'approche. Une page légère, toutes figures comprises, n'a donc pas à être ouverte.
    """
    sizes: dict[str, int] = {}

    def weight(addresses: set[str]) -> int:
        for address in addresses - sizes.keys():
            body = (built_site / address.removeprefix(url)).read_bytes()
            sizes[address] = len(body if address.endswith(".png") else gzip.compress(body, 6))
        return sum(sizes[address] for address in addresses)

    def named(address: str) -> set[str]:
        tree = lxml_html.document_fromstring((built_site / address.removeprefix(url)).read_bytes())
        sources = tree.xpath("//script/@src | //article//img[not(contains(@class, 'only-dark'))]/@src")
        return {address} | {urljoin(address, source) for source in sources}

    context = chromium.new_context(viewport=DESKTOP, color_scheme="light")
    context.route(re.compile(r"/snippets/.*\.svg$"), lambda route: route.abort())  # comptée, non lue
    shared = transfers(context.new_page(), url) - {url}
    heavy, opened = [], 0
    for name in lesson_names:
        address = f"{url}{name}.html"
        limit = 90_000 if "carnet" in name else 60_000
        asked = named(address)
        if weight(asked - shared) >= limit or name == lesson_names[0]:
            page = context.new_page()
            asked = transfers(page, address)
            page.close()
            opened += 1
        first, second = weight(asked | shared), weight(asked - shared)
        print(f"{first / 1000:6.1f} Ko seule, {second / 1000:6.1f} Ko après une autre page : {name}")
        if first >= 200_000 or second >= limit:
            heavy.append(f"{name} : {first} octets seule, {second} après une autre page")
    context.close()
    assert not heavy, "\n".join(heavy)
    assert opened > 5 and any("bundle" in address for address in shared), "des fichiers ne sont pas comptés"
    assert not any("search_index" in address for address in shared), "l'index est demandé avant toute recherche"
    assert weight(shared | {f"{url}search/search_index.js"}) > 200_000, "une page trop lourde ne serait pas vue"


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("name", [f"{LESSON}.html", JOURNEY])
def test_nothing_moves(name: str, size: str, url: str, context: BrowserContext) -> None:
    """Ouvrir une page, une fois le parcours entamé, ne déplace rien."""
    context.add_init_script(
        f"localStorage.setItem('parcours', {json.dumps(json.dumps(GOOD))}); window.moved = 0;"
        "const add = one => { moved += one.hadRecentInput ? 0 : one.value };"
        "new PerformanceObserver(list => list.getEntries().forEach(add))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page = context.new_page()
    page.set_viewport_size(PHONE if size == "phone" else DESKTOP)
    page.goto(url + name)
    page.wait_for_selector(".md-nav--primary .etape", state="attached")
    page.wait_for_timeout(500)
    assert page.evaluate("moved") == 0
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('beforebegin', '<div style=height:200px></div>')")
    page.wait_for_function("moved > 0")  # un déplacement est vu


# --- Au clavier seul


# L'aspect de chaque arrêt, tant qu'il n'a pas le focus ; ce qui est transparent ou sans surface ne montre rien.
LOOKS = """() => {
  const stopsOf = () => [...document.querySelectorAll("*")].filter(node => node.tabIndex >= 0);
  const isSeen = node => node.checkVisibility({ opacityProperty: true }) && node.getBoundingClientRect().width > 1;
  const styleOf = node => {
    const style = getComputedStyle(node);
    const isDrawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const outline = isDrawn ? style.outline : "";
    return [outline, style.boxShadow, style.color, style.backgroundColor, style.borderColor].join();
  };
  window.lookOf = here => {
    const group = [here, ...(here.labels ?? []), here.closest("form")];
    return group.filter(node => node && isSeen(node)).map(styleOf).join("\\n");
  };
  window.looks = new Map(stopsOf().map(node => [node, lookOf(node)]));
}"""
SEEN = """() => {
  const { activeElement: here } = document;
  return here === document.body || (looks.has(here) && lookOf(here) !== looks.get(here));
}"""


def tab(page: Page, key: str = "Tab") -> None:
    """Passe à l'arrêt suivant, qui doit changer d'aspect : un cadre ou une ombre de toujours ne montre rien."""
    page.evaluate(LOOKS)
    page.keyboard.press(key)
    try:
        page.wait_for_function(SEEN, timeout=2000)
    except TimeoutError:
        here = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        raise AssertionError(f"{here} : rien ne montre qu'il a le focus") from None


def tab_to(page: Page, selector: str, limit: int = 300) -> None:
    """Appuie sur Tab jusqu'à l'élément voulu ; chaque arrêt doit se voir."""
    for _ in range(limit):
        tab(page)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab n'atteint pas {selector}")


def test_a_lesson_by_keyboard_alone(url: str, context: BrowserContext) -> None:
    """Tab, Entrée et flèches : chercher la leçon, choisir PyTorch, copier, répondre, finir, passer à la suite."""
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url.rstrip("/"))
    page = context.new_page()
    page.goto(f"{url}demarrer/suivre.html")
    tab_to(page, ".md-search__input", 10)
    page.keyboard.type("classification mnist")
    expect(page.locator(".md-search-result__item").first).to_be_visible(timeout=10_000)
    page.wait_for_timeout(400)  # la liste suit la dernière lettre tapée
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/module-2/classification-mnist.html**")
    page.goto(f"{url}module-2/classification-mnist.html")  # sans le surlignage de la recherche
    tab_to(page, ".md-skip", 1)
    page.keyboard.press("Enter")
    tab_to(page, "article .tabbed-set > input")
    page.keyboard.press("ArrowRight")
    chosen = "sets => sets.map(set => set.querySelectorAll('input')[1].checked)"
    assert all(page.eval_on_selector_all(".tabbed-set", chosen))
    tab_to(page, ".tabbed-block button.md-code__button, .tabbed-block button.md-clipboard", 20)
    code = page.evaluate("document.activeElement.closest('.highlight').querySelector('code').textContent")
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    assert normal(page.evaluate("navigator.clipboard.readText()")) == normal(code) and "torch" in code
    tab_to(page, "section.quiz input")
    page.keyboard.press("ArrowDown")
    tab_to(page, "section.quiz button", 1)
    page.keyboard.press("Enter")
    expect(page.locator("section.quiz [role=status]").first).to_contain_text(re.compile("Juste|Faux"))
    assert page.evaluate("document.activeElement.textContent") == "Réessayer"
    page.keyboard.press("Enter")
    expect(page.locator("section.quiz input").first).to_be_focused()
    tab_to(page, ".lecture button")
    expect(page.locator(".lecture-etat")).to_have_text("✓ Leçon lue.")
    page.keyboard.press("Enter")
    expect(page.locator(".lecture-etat")).to_have_text("")
    page.keyboard.press("Enter")
    expect(page.locator(".lecture-etat")).to_have_text("✓ Leçon lue.")
    tab_to(page, ".md-footer__link--next", 5)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"module-2/(?!classification-mnist\.html)"))


def test_an_unreachable_button_is_seen(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content('<button id="a" tabindex="-1">a</button><button id="b">b</button>')
    with pytest.raises(AssertionError, match="n'atteint pas"):
        tab_to(page, "#a", 5)
    for style in ("outline: 0", "outline: 0; box-shadow: 0 0 3px red"):  # même en passant, même une ombre de toujours
        page.set_content(f'<button id="b" style="{style}">b</button><button id="c">c</button>')
        with pytest.raises(AssertionError, match="rien ne montre"):
            tab_to(page, "#c", 5)


STOP = """() => {
  const { activeElement: here } = document;
  if (here === document.body) return null;
  const { left, top, right, bottom } = here.getBoundingClientRect();
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return {
    name: here.outerHTML.slice(0, 100),
    first: here.matches(".md-skip"),
    outside: right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight,
    covered: Boolean(over?.closest(".md-header")) && !here.closest(".md-header, .md-skip"),
  };
}"""
SIZES = [ViewportSize(width=640, height=450), PHONE]  # une fenêtre agrandie à 200 %, un téléphone


def stops(page: Page, key: str, limit: int) -> list[dict[str, Any]]:
    """Les arrêts du clavier, jusqu'au tour complet ou à la limite."""
    found: list[dict[str, Any]] = []
    for _ in range(limit):
        page.keyboard.press(key)
        page.wait_for_timeout(10)  # le défilement suit le focus
        stop = page.evaluate(STOP)
        if stop is None or (stop["first"] and found):
            break
        found.append(stop)
    return found


@pytest.mark.parametrize("size", SIZES, ids=["agrandie", "telephone"])
def test_menu_by_keyboard(size: ViewportSize, url: str, context: BrowserContext) -> None:
    """Sur un écran étroit : ouvrir le menu, le fermer par Échap, changer de module, atteindre une leçon."""
    page = context.new_page()
    errors = browser.page_errors(page)
    page.set_viewport_size(size)
    page.goto(f"{url}{LESSON}.html")
    opener = page.get_by_role("button", name="Menu", exact=True)
    tab_to(page, ".md-header__button[for=__drawer] > button", 5)
    expect(opener).to_have_attribute("aria-expanded", "false")
    inside = "document.querySelector('.md-sidebar--primary').contains(document.activeElement)"
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(opener).to_have_attribute("aria-expanded", "true")
        page.wait_for_function(inside)
        faults = violations(page, within={"include": [[".md-sidebar--primary"], [".md-header"]]})
        assert not faults, "\n".join(faults)
        page.keyboard.press("Escape")
        expect(opener).to_have_attribute("aria-expanded", "false")
        expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function(inside)
    expect(
        page.locator(".md-nav__title[for=__nav_6] > button")
    ).to_be_focused()  # le module de la leçon est déjà ouvert
    page.keyboard.press("Enter")  # retour à la liste des modules
    expect(page.locator("#__nav_6_label > button")).to_be_focused()
    tab_to(page, "#__nav_7_label > button", 2)
    page.keyboard.press("Enter")
    tab_to(page, ".md-nav--primary a[href*='metriques']", 3)
    page.keyboard.press("Enter")
    page.wait_for_url("**/module-5/metriques.html")
    page.set_viewport_size(DESKTOP)
    assert page.locator(".bouton-menu").count() == 0  # au large, tout est déplié
    assert errors == []


@pytest.mark.parametrize("size", SIZES, ids=["agrandie", "telephone"])
def test_the_drawer_works_without_javascript(size: ViewportSize, url: str, chromium: Browser) -> None:
    context = chromium.new_context(**(browser.READER | {"viewport": size, "java_script_enabled": False}))
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    link = page.locator(".md-nav--primary a[href='cnn.html']")
    expect(link).not_to_be_visible()
    page.locator(".md-header__button[for=__drawer]").click()
    link.click()
    page.wait_for_url("**/module-4/cnn.html")
    context.close()


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("size", SIZES, ids=["agrandie", "telephone"])
def test_no_stop_is_out_of_sight(size: ViewportSize, fixed: bool, url: str, context: BrowserContext) -> None:
    """Le tiroir fermé ne prend pas le focus ; sans la règle qui le cache, ses liens sont vus hors de l'écran."""
    if not fixed:
        change(context, "**/course.css", lambda text: text.replace("visibility: hidden", ""))
    page = context.new_page()
    page.set_viewport_size(size)
    page.goto(f"{url}module-6/cours.html")
    found = stops(page, "Tab", 400 if fixed else 20)
    assert len(found) > 15
    assert bool([stop["name"] for stop in found if stop["outside"]]) == (not fixed)


@pytest.mark.parametrize("fixed", [True, False])
def test_the_header_hides_no_stop(fixed: bool, url: str, context: BrowserContext) -> None:
    """En remontant une leçon, l'en-tête fixe ne couvre pas ce qui a le focus."""
    if not fixed:
        change(context, "**/course.css", lambda text: text.replace("scroll-margin-block: 3.6rem 1rem", ""))
    page = context.new_page()
    page.set_viewport_size(SIZES[0])
    page.goto(f"{url}{LESSON}.html")
    page.locator(".md-footer__link").last.focus()
    found = stops(page, "Shift+Tab", 150)
    assert len(found) > 60
    covered = [stop["name"] for stop in found if stop["covered"]]
    assert bool(covered) == (not fixed), "\n".join(covered)


@pytest.mark.parametrize("fixed", [True, False])
def test_a_single_key_commands_nothing(fixed: bool, url: str, context: BrowserContext) -> None:
    """Où que soit le focus, une touche seule ne cherche ni ne quitte la page (WCAG 2.1.4) ; Ctrl+K ou Cmd+K cherche."""
    if not fixed:
        change(context, "**/course.js", lambda text: text.replace('"fs/np,."', '"#"'))
    page = context.new_page()
    page.goto(f"{url}{LESSON}.html")
    start_demo(page, "chiffre")
    page.mouse.move(5, 5)
    page.wait_for_selector("html.js", state="attached")  # Material écoute
    field = page.locator(".md-search__input")
    for place in (".chiffre-feuille", "section.quiz input", ".lecture button", ".md-logo"):
        page.locator(place).first.focus()
        if not fixed:
            page.keyboard.press("f")
            expect(field).to_be_focused()
            page.keyboard.press("Escape")
            page.wait_for_timeout(400)  # la recherche se replie
            page.keyboard.press("n")
            page.wait_for_url(re.compile("module-4/(?!exporter)"))
            return
        page.keyboard.type("fs/np,.", delay=20)
        page.wait_for_timeout(300)
        assert page.url == f"{url}{LESSON}.html", f"depuis {place}, une touche quitte la page"
        expect(page.locator(place).first).to_be_focused()
    for shortcut in ("Control+k", "Meta+k"):
        page.keyboard.press(shortcut)
        expect(field).to_be_focused()
        page.wait_for_function("document.querySelector('#__search').checked")
        page.keyboard.press("Escape")
        page.wait_for_timeout(400)
        expect(field).not_to_be_focused()
