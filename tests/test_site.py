"""Le site construit, dans un vrai Chromium : réseau, recherche, onglets, copie, accessibilité, page 404."""

import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect
from proof import audit, browser, ledger
from proof.audit import normal
from proof.browser import COLOUR_RULES, DESKTOP, NARROW, PHONE, READER, search, switch_theme, violations
from proof.pages import extract
from proof.project import ROOT, scripts
from proof.publish import ASSIGNMENT
from proof.typography import french_number

pytestmark = pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml")
LESSON = "module-2/classification-mnist.html"
# Un menu qui défile coupe un lien à son bord : sa taille est jugée menu entier, hors du pied d'une page courte.
WHOLE_MENUS = ".md-sidebar__scrollwrap { overflow: visible !important } .md-main { min-height: 3000px }"
NO_COLOUR = {rule: {"enabled": False} for rule in COLOUR_RULES}
NOT_CODE = {"exclude": [[".highlight pre"]]}  # les couleurs du code ont leur test
ARTICLE = {"include": [["article"]]}
LAID_OUT = ["target-size", "scrollable-region-focusable", "aria-hidden-focus"]  # ce que change la largeur de l'écran
WITNESSES = {"include": [["[data-temoin]"]]}
# Autour de l'article, l'habillage est partout le même : couleurs et téléphone sont contrôlés sur ces pages.
FRAMES = ("index.html", "404.html", LESSON)

FLATTEN_CODE = """for (const code of document.querySelectorAll(".highlight code")) {
  code.coloured = [...code.childNodes];
  code.textContent = code.textContent;
}"""
# Ce que chaque bouton « Copier » donne, code coloré de nouveau. Les textes sont lus d'abord, puis la page est cachée :
# la mettre en page trois fois par clic serait le plus long.
COPIES = """() => {
  const copies = [];
  document.addEventListener("copy", () => {
    const { activeElement: field } = document;
    copies.push(getSelection().toString() || field.value.slice(field.selectionStart, field.selectionEnd));
  });
  const blocks = [...document.querySelectorAll("article .highlight:has(pre > code)")];
  const codes = blocks.map(block => block.querySelector("pre > code"));
  for (const code of codes) if (code.coloured) code.replaceChildren(...code.coloured);
  for (const code of codes) Object.defineProperty(code, "innerText", { value: code.innerText, configurable: true });
  document.querySelector(".md-container").style.display = "none";
  const found = blocks.map(block => {
    copies.length = 0;
    block.querySelector("[data-clipboard-target]")?.click();
    return copies.length === 1 ? copies[0] : null;
  });
  for (const code of codes) delete code.innerText;
  document.querySelector(".md-container").style.display = "";
  return found;
}"""
# Tous les onglets et tous les replis, ouverts.
UNFOLDED = """.tabbed-block { display: block !important }
details::details-content { content-visibility: visible !important; block-size: auto !important }"""
# Textes que leur cadre coupe, marge intérieure comprise. Ce qui défile n'est pas coupé ; un pixel, c'est un texte pour
# lecteur d'écran ; le tiroir garde à sa droite les panneaux qu'il fait glisser.
CUT = """[...document.querySelectorAll("body *:not(.md-sidebar__scrollwrap)")].filter(node => {
  const { clientWidth, clientHeight, scrollWidth, scrollHeight } = node;
  const [wide, tall] = [scrollWidth - clientWidth, scrollHeight - clientHeight];
  if (clientWidth <= 1 || clientHeight <= 1 || (wide <= 1 && tall <= 1) || !node.textContent.trim()) return false;
  const { overflowX, overflowY, paddingRight, paddingBottom } = getComputedStyle(node);
  const cuts = (overflow, excess, margin) => /hidden|clip/.test(overflow) && excess > 1 + parseFloat(margin);
  return cuts(overflowX, wide, paddingRight) || cuts(overflowY, tall, paddingBottom);
}).map(node => `${node.outerHTML.slice(0, 120)} : texte coupé`)"""
# Un témoin par aspect : même couleur, même taille de texte et mêmes fonds ont même contraste.
MARK_WITNESSES = """
() => {
  const seen = new Set();
  const grounds = new Map([[null, ""]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      grounds.set(element, [ground(element.parentElement), backgroundColor, backgroundImage, opacity].join());
    }
    return grounds.get(element);
  };
  for (const element of document.querySelectorAll("article *")) {
    delete element.dataset.temoin;
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    const { color, fontSize, fontWeight, textDecorationLine } = getComputedStyle(element);
    const aspect = [element.tagName, color, fontSize, fontWeight, textDecorationLine, ground(element)].join();
    if (!seen.has(aspect)) element.dataset.temoin = "";
    seen.add(aspect);
  }
}
"""


def page_names() -> list[str]:
    """Pages attendues du site, 404 comprise."""
    docs = ROOT / "docs"
    sources = sorted(path for path in docs.rglob("*") if path.suffix in (".md", ".ipynb") and path.name != ASSIGNMENT)
    return [path.relative_to(docs).with_suffix(".html").as_posix() for path in sources] + ["404.html"]


def test_every_page_is_expected(built_site: Path) -> None:
    found = {path.relative_to(built_site).as_posix() for path in built_site.rglob("*.html")}
    assert found == set(page_names())


def one_per_folder() -> list[str]:
    """La page d'accueil, la 404, le carnet et la première page de chaque dossier : même habillage, mêmes scripts."""
    first = {name.rpartition("/")[0]: name for name in reversed(page_names())}
    return sorted({*first.values(), *FRAMES, "module-2/classification-mnist-carnet.html"})


@pytest.mark.parametrize("name", one_per_folder())
def test_page_opened_from_a_folder(name: str, built_site: Path, context: BrowserContext) -> None:
    """En `file://` : rien ne part ailleurs, aucune erreur."""
    refused = browser.watch(context)
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto((built_site / name).as_uri())
    page.mouse.wheel(0, 100_000)
    page.wait_for_timeout(150)
    assert refused == [], f"{name} appelle d'autres hôtes"
    assert not errors or name == "404.html", f"{name} : {errors}"  # 404 : adresses absolues, jamais en file://


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ('<img src="http://exemple.fr/a.png">', "http://exemple.fr/a.png"),
        ('<script>new WebSocket("ws://exemple.fr/a")</script>', "ws://exemple.fr/a"),
    ],
)
def test_network_control_is_able_to_fail(content: str, address: str, context: BrowserContext) -> None:
    refused = browser.watch(context)
    page = context.new_page()
    page.set_content(content)
    page.wait_for_timeout(150)
    assert refused == [address]


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_the_lesson(scheme: str, url: str, built_site: Path, context: BrowserContext) -> None:
    queries = tomllib.loads((ROOT / "tests/search_queries.toml").read_text(encoding="utf-8"))
    assert len(queries) >= 30
    page = context.new_page()
    page.goto(url if scheme == "http" else (built_site / "index.html").as_uri())
    page.keyboard.press("ControlOrMeta+k")  # premier geste : il charge le script de Material, et ouvre la recherche
    field = page.locator(".md-search__input")
    expect(field).to_be_focused(timeout=10_000)
    missed = []
    for query, wanted in queries.items():
        found = search(page, query)
        if not any(f"{name}.html" in address for name in wanted for address in found[:3]):
            missed.append(f"{query} : {found[:3]}")
    assert not missed, "\n".join(missed)
    assert search(page, "zygomatique xylophone") == [], "la recherche trouve n'importe quoi"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["téléphone", "ordinateur"])
def test_the_header_is_whole_from_the_start(size: ViewportSize, url: str, context: BrowserContext) -> None:
    """Le script de Material, au premier geste, n'y ajoute ni n'y déplace rien ; un clic dans la recherche l'ouvre."""
    places = "[...document.querySelectorAll('.md-header__inner > *')].map(e => e.getBoundingClientRect().x)"
    page = context.new_page()
    page.set_viewport_size(size)
    page.goto(url)
    before = page.evaluate(places)
    page.evaluate("document.querySelector('.md-search__input').focus()")
    page.wait_for_function("document.documentElement.matches('.js') && document.querySelector('#__search').checked")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('#__search').checked")
    page.wait_for_timeout(400)  # la recherche se replie
    assert page.evaluate(places) == before and max(before) > 0


def test_a_search_typed_while_the_script_loads_is_kept(url: str, context: BrowserContext) -> None:
    held: list[Route] = []
    released: list[bool] = []
    page = context.new_page()
    page.route("**/bundle.*.js", lambda route: route.continue_() if released else held.append(route))
    page.goto(url)
    page.mouse.move(100, 100)  # premier geste : le script de Material est demandé, et retenu
    page.wait_for_function("document.querySelector('script[src*=bundle]')")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("softmax")
    released.append(True)
    for route in held:
        route.continue_()
    expect(page.locator(".md-search-result__item").first).to_be_visible(timeout=30_000)
    expect(page.locator(".md-search__input")).to_be_focused()
    expect(page.locator(".md-search__input")).to_have_value("softmax")


def test_tabs_are_linked_and_remembered(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(url + LESSON)
    page.get_by_text("PyTorch", exact=True).locator("visible=true").first.click()
    chosen = page.locator(".tabbed-set > input:checked + *, .tabbed-set > input:checked")
    assert chosen.count() > 0
    states = page.eval_on_selector_all(".tabbed-set", "sets => sets.map(s => s.querySelectorAll('input')[1].checked)")
    assert len(states) > 10 and all(states)
    page.reload()
    states = page.eval_on_selector_all(".tabbed-set", "sets => sets.map(s => s.querySelectorAll('input')[1].checked)")
    assert all(states), "le choix de l'onglet est oublié"


def test_copying_a_block_gives_the_executed_code(url: str, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url.rstrip("/"))
    page = context.new_page()
    page.goto(url + LESSON)
    script = next(s for s in scripts(ROOT) if s.key == "mnist_mlp/with_tensorflow")
    block = page.locator(".language-python").first
    block.hover()
    block.locator("button.md-clipboard, .md-code__button").first.click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    assert page.evaluate("navigator.clipboard.readText()").strip() == script.section_text("imports")


def test_home_shows_the_proof(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(url)
    shown = page.locator(".chiffres strong").all_inner_texts()
    entries = [ledger.read(script) for script in scripts(ROOT)]
    assert shown[:3] == [
        french_number(audit.proven_blocks(ROOT), "entier"),
        french_number(sum(e["lines"] for e in entries), "entier"),
        str(len(entries)),
    ]


def test_lesson_shows_the_accuracy_of_the_run(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(url + LESSON)
    for name in ("with_tensorflow", "with_pytorch"):
        script = next(s for s in scripts(ROOT) if s.key == f"mnist_mlp/{name}")
        accuracy = ledger.read(script)["measures"]["test_accuracy"]
        assert accuracy >= 0.97
        assert french_number(accuracy, "%2") in page.locator("article").inner_text()


def test_unknown_page(url: str, context: BrowserContext) -> None:
    page = context.new_page()
    answer = page.goto(url + "nulle/part.html")
    assert answer is not None and answer.status == 404
    expect(page.locator("h1")).to_have_text("Page introuvable")
    assert page.locator("[data-md-component=search]").count() == 1


def copy_faults(page: Page, sources: dict[str, str], name: str) -> list[str]:
    """Blocs d'une page dont le bouton ne copie pas exactement le texte de sa source, celui qui a été contrôlé."""
    source = f"docs/{name.removesuffix('.html')}.md"
    expected = [block.code for block in extract(sources[source], source)[0]] if source in sources else []
    copies = page.evaluate(COPIES)
    if len(copies) != len(expected):
        return [f"{name} : {len(copies)} blocs dans la page, {len(expected)} dans sa source"]
    return [
        f"{name}, bloc {number} : {(copy or 'rien')[:80]!r} copié au lieu de {wanted[:80]!r}"
        for number, (copy, wanted) in enumerate(zip(copies, expected, strict=True), 1)
        if copy is None or normal(copy) != normal(wanted)
    ]


@pytest.mark.parametrize("name", page_names())
def test_page_served(name: str, url: str, chromium: Browser, expanded: dict[str, str]) -> None:
    """Servie : rien ne part ailleurs, ni cookie ni erreur ; accessible, en clair, en sombre et sur téléphone.

    À 320 pixels de large, soit un écran ordinaire agrandi quatre fois, rien ne déborde et aucun texte n'est coupé, dans
    aucun onglet ni repli. Chaque bouton « Copier » donne le texte contrôlé.
    """
    context = chromium.new_context(**READER, permissions=["clipboard-read", "clipboard-write"])
    refused = browser.watch(context)
    page = context.new_page()
    errors = browser.page_errors(page)
    page.goto(url + name)
    page.mouse.wheel(0, 100_000)
    page.mouse.move(5, 5)  # charge le script de Material : la page contrôlée est celle du lecteur
    page.wait_for_function("document.querySelector('[data-md-component=dialog]') && '__md_get' in window")
    page.wait_for_timeout(300)
    whole = name in FRAMES
    if not whole:  # le code coloré mot à mot est contrôlé sur ces pages-là ; ici, il triplerait la durée
        page.evaluate(FLATTEN_CODE)
    faults = violations(page, rules=NO_COLOUR | {"target-size": {"enabled": False}}) if whole else []
    whole_menus = page.add_style_tag(content=WHOLE_MENUS)
    page.evaluate("scrollTo(0, 0)")  # plus bas, l'en-tête couvrirait des liens du menu
    faults += violations(page, **({"runOnly": ["target-size"]} if whole else {"rules": NO_COLOUR}))
    whole_menus.evaluate("style => style.remove()")
    for scheme in ("default", "slate"):
        switch_theme(page, scheme)
        if not whole:
            page.evaluate(MARK_WITNESSES)
        faults += violations(page, within=NOT_CODE if whole else WITNESSES, runOnly=COLOUR_RULES)
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    faults += violations(page, **({"rules": NO_COLOUR} if whole else {"within": ARTICLE, "runOnly": LAID_OUT}))
    if whole:
        for scheme in ("slate", "default"):
            switch_theme(page, scheme)
            faults += violations(page, within=NOT_CODE, runOnly=COLOUR_RULES)
    page.set_viewport_size(NARROW)
    page.add_style_tag(content=UNFOLDED)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    faults += page.evaluate(CUT) + copy_faults(page, expanded, name)
    cookies = context.cookies()
    context.close()
    assert not faults, "\n".join(faults)
    assert (refused, cookies, errors) == ([], [], []), f"{name} : {refused} {cookies} {errors}"
    assert widths[0] <= widths[1], f"{name} déborde d'un écran étroit : {widths}"


def test_a_cut_text_and_a_wrong_copy_are_seen(url: str, context: BrowserContext, expanded: dict[str, str]) -> None:
    """Dans un onglet fermé comme ailleurs."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_viewport_size(NARROW)
    page.goto(url + LESSON)
    page.mouse.move(5, 5)
    page.wait_for_selector("[data-clipboard-target]")
    page.add_style_tag(content=UNFOLDED)
    assert page.evaluate(CUT) == copy_faults(page, expanded, LESSON) == []
    code = "[...document.querySelectorAll('.tabbed-block:last-child pre > code')].at(-1)"
    page.evaluate(f"{code}.prepend('>>> ')")
    assert len(copy_faults(page, expanded, LESSON)) == 1, "une invite copiée n'est pas vue"
    page.evaluate(f"{code}.closest('.highlight').querySelector('[data-clipboard-target]').remove()")
    assert "'rien' copié" in "".join(copy_faults(page, expanded, LESSON)), "un bouton absent n'est pas vu"
    for style in ("overflow-x: hidden", "overflow: clip", "height: 1em; overflow: auto hidden"):
        page.evaluate(f"{code}.style = 'width: 5em; {style}'")
        assert len(page.evaluate(CUT)) == 1, f"un texte coupé par « {style} » n'est pas vu"
    page.evaluate(f"{code}.style = 'width: 5em; overflow: auto'")
    assert page.evaluate(CUT) == [], "un texte qui défile n'est pas coupé"


def test_code_colours(url: str, built_site: Path, context: BrowserContext) -> None:
    """Toutes les couleurs de code du site, réunies dans un même bloc."""
    classes = {
        name
        for path in built_site.rglob("*.html")
        for block in re.findall(r"<code>.*?</code></pre>", path.read_text(encoding="utf-8"), re.DOTALL)
        for name in re.findall(r'<span class="([^"]+)"', block)
    }
    assert len(classes) > 15
    page = context.new_page()
    page.goto(url + LESSON)
    page.mouse.move(5, 5)
    page.wait_for_function("document.querySelector('[data-md-component=dialog]') && '__md_get' in window")
    spans = " ".join(f'<span class="{name}">abc</span>' for name in sorted(classes))
    block = page.locator(".highlight:has(code)").first
    block.evaluate("(block, html) => (block.querySelector('code').innerHTML = html)", spans)
    block.evaluate("block => (block.dataset.temoin = '')")
    faults = violations(page, within=WITNESSES, runOnly=COLOUR_RULES)
    switch_theme(page, "slate")
    faults += violations(page, within=WITNESSES, runOnly=COLOUR_RULES)
    assert not faults, "\n".join(faults)
    page.add_style_tag(content=".highlight .k, .highlight .kn { color: #2a2f3a !important }")
    assert violations(page, within=WITNESSES, runOnly=COLOUR_RULES), "un mot illisible n'est pas vu"


def test_accessibility_control_is_able_to_fail(context: BrowserContext) -> None:
    page = context.new_page()
    buttons = "".join(f'<button style="font-size: 8px; padding: 0; display: block">{n}</button>' for n in "ab")
    page.set_content(f'<html lang="fr"><title>x</title><main><h1>x</h1><img src="data:,">{buttons}</main></html>')
    found = "\n".join(violations(page))
    assert " image-alt : " in found
    assert " target-size : " in found, "deux boutons trop petits, l'un contre l'autre, ne sont pas vus"


def test_a_pale_word_is_seen(url: str, context: BrowserContext) -> None:
    """Le choix de témoins n'en laisse pas passer : un seul mot trop pâle, au milieu de la page, est relevé."""
    page = context.new_page()
    page.goto(url + LESSON)
    word = "[...document.querySelectorAll('article p strong')].at(3)"
    page.evaluate(f"{word}.style.color = '#ccc'")
    page.evaluate(MARK_WITNESSES)
    assert any("color-contrast" in fault for fault in violations(page, within=WITNESSES, runOnly=COLOUR_RULES))


@pytest.mark.parametrize("name", [LESSON])
def test_readable_without_javascript(name: str, url: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url + name)
    text = page.locator("article").inner_text()
    context.close()
    assert "À retenir" in text and "import keras" in text
