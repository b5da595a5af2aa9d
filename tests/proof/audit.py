"""Audit du HTML publié : chaque bloc, nombre, figure et lien est rattaché à ce qui le prouve.

`python -m proof.audit [site]` (make audit) relit un site déjà construit, en quelques secondes.
"""

from __future__ import annotations

import base64
import functools
import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

from proof import exercises, inline, ledger, load, notebook, race
from proof.glossary import check_glossary_entries
from proof.lessons import check_lesson
from proof.numbers import check_numbers, check_titles, line_of
from proof.pages import (
    Block,
    all_blocks,
    check_page,
    check_strays,
    extract,
    markdown_files,
    read_page,
)
from proof.project import ROOT, Fault, Script, bench_value, by_key, check_layout, report, scripts, sources
from proof.site import expand
from proof.typography import french_number

RAW_MARKUP = re.compile(r"```|~~~|8<-|\{\{|\{%|\]\(")
EXCERPT = 60
# Balises qui montreraient un code ou une sortie sans être un bloc.
UNPROVEN = ("samp", "tt", "output", "textarea", "xmp", "listing", "plaintext", "object", "embed", "iframe", "image")
PROSE = ".//text()[not(ancestor::pre or ancestor::code or ancestor::script or ancestor::style)]"


def normal(text: str) -> str:
    """Texte comparable d'un bloc : sans lignes vides aux bords ni blancs en fin de ligne."""
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def proven_text(block: Block) -> str | None:
    """Ce que le bloc doit afficher d'après sa preuve, ou None s'il est écrit dans la page."""
    if block.kind == "file" and block.file is not None:
        return block.file.read_text(encoding="utf-8")
    if block.script is None:
        return None
    if block.kind == "section":
        return block.script.section_text(block.section)
    if block.kind == "starter":
        return block.script.starter
    return (block.script.outputs / f"{block.section}.txt").read_text(encoding="utf-8")


def expected_blocks(root: Path) -> tuple[dict[str, list[tuple[Block, str]]], list[Fault]]:
    """Pour chaque page : ses blocs et le texte que chacun doit afficher, d'après le Markdown développé."""
    expected: dict[str, list[tuple[Block, str]]] = {}
    faults: list[Fault] = []
    known = by_key(root)
    for page, text in expand(root).items():
        blocks, _ = read_page(root / page, root, known)
        seen, unreadable = extract(text, page)
        faults += unreadable
        if len(seen) != len(blocks):
            what = f"{len(blocks)} blocs dans la source, {len(seen)} une fois la page développée"
            faults.append(Fault(f"{page}:1", what, "une inclusion ne doit pas contenir de clôture ```"))
        expected[page] = []
        for block, code in zip(blocks, seen, strict=False):
            proof = proven_text(block)
            if proof is not None and normal(proof) != normal(code.code):
                mend = "vérifier le nom de la section et les marqueurs du script"
                faults.append(Fault(block.where, "l'inclusion ne donne pas le texte exécuté", mend))
            expected[page].append((block, code.code))
    return expected, faults


def audit_blocks(page: str, tree: HtmlElement, expected: list[tuple[Block, str]]) -> list[Fault]:
    """Chaque `<pre>` publié est, dans l'ordre, le bloc attendu."""
    faults = []
    published = list(tree.iter("pre"))
    for index, pre in enumerate(published):
        text = pre.text_content()
        excerpt = normal(text)[:EXCERPT].replace("\n", " ⏎ ")
        if index >= len(expected) or normal(text) != normal(expected[index][1]):
            where = expected[min(index, len(expected) - 1)][0].where if expected else f"{page}:1"
            faults.append(
                Fault(
                    where,
                    f"bloc publié sans preuve : « {excerpt} »",
                    "une clôture ```langage seule sur sa ligne : ni ~~~, ni indentation, ni citation, ni puce",
                )
            )
            return faults
        block = expected[index][0]
        if not normal(text):
            faults.append(Fault(block.where, "bloc vide", "le remplir ou le supprimer"))
        if block.kind == "exempt":
            wrapper = next((node for node in pre.iterancestors("div") if "highlight" in node.classes), None)
            outside = "" if wrapper is None else wrapper.text_content().replace(text, "")
            if block.attributes["data-pourquoi"] not in outside.replace("’", "'"):
                faults.append(Fault(block.where, "raison d'exemption invisible", "garder data-pourquoi seul"))
    for block, _ in expected[len(published) :]:
        faults.append(Fault(block.where, "ce bloc n'est pas publié", "vérifier la clôture du bloc précédent"))
    return faults


def notebook_code(root: Path) -> dict[Path, set[str]]:
    """Tous les carnets que le projet publie dans `docs/`, chacun avec les textes de code que donnent ses sources."""
    return exercises.published(root) | {
        notebook.notebook_path(script): {script.section_text(name) for name in script.sections}
        for script in notebook.notebook_scripts(root)
    }


def audit_notebook(path: Path, page: str, tree: HtmlElement, html: Path, code: set[str]) -> list[Fault]:
    """Chaque `<pre>` et chaque image d'une page de carnet viennent d'une section exécutée, ou des sorties de `path`."""
    known, drawn = {normal(text) for text in code}, set()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for out in cell.get("outputs", []):
            known.add(normal("".join(out.get("text", ""))))
            drawn.add(base64.b64decode(out.get("data", {}).get("image/png", "")))
    images = [image.get("src", "") for image in tree.xpath("//article//img")]
    strange = [
        f"bloc de carnet sans preuve : « {normal(text)[:EXCERPT]} »"
        for text in (pre.text_content() for pre in tree.iter("pre"))
        if normal(text) not in known
    ] + [
        f"figure de carnet sans preuve : {source:.60}"
        for source in images
        if not (html.parent / source).is_file() or (html.parent / source).read_bytes() not in drawn
    ]
    return [Fault(f"{page}:1", what, "lancer make outputs, puis reconstruire le site") for what in strange]


def place(root: Path, page: str, words: str) -> str:
    """Emplacement `page.md:ligne` où la source écrit `words` : ces mots, sinon le premier d'entre eux ; sinon 1."""
    text = (root / page).read_text(encoding="utf-8") if (root / page).is_file() else ""
    found = [line_of(text, part) for part in (words.strip(), *words.split()[:1]) if part]
    return f"{page}:{next((line for line in found if line > 1), 1)}"


def audit_text(page: str, tree: HtmlElement, root: Path) -> list[Fault]:
    """Rien d'inachevé : balisage brut, macro non rendue, code hors bloc, onglets confondus."""
    faults = []
    for tabs in tree.find_class("tabbed-labels"):
        names = [label.text_content().strip() for label in tabs.iter("label")]
        if len(names) != len(set(names)):
            what = f"deux groupes d'onglets confondus : {', '.join(names)}"
            where = place(root, page, f'=== "{names[0]}"')
            faults.append(Fault(where, what, "écrire une phrase entre deux groupes d'onglets"))
    article = next(tree.iter("article"), tree)
    for node in article.iter(*UNPROVEN):
        excerpt = node.text_content().strip()[:EXCERPT]
        what = f"texte de machine ou page étrangère sans preuve : <{node.tag}> « {excerpt} »"
        faults.append(Fault(place(root, page, f"<{node.tag}"), what, "employer un bloc ```"))
    for code in article.iter("code", "kbd", "var"):
        lines = code.text_content().strip().splitlines()
        hidden = code.find(".//br") is not None or code.xpath(".//@style")
        if next(code.iterancestors("pre"), None) is None and (len(lines) > 1 or hidden):
            where = place(root, page, lines[0] if len(lines) > 1 else f"<{code.tag}>{code.text or ''}")
            faults.append(Fault(where, "code de plusieurs lignes hors d'un bloc", "employer un bloc ```"))
    for line in "\n".join(article.xpath(PROSE)).splitlines():
        if RAW_MARKUP.search(line):
            mend = "corriger la syntaxe : bloc, inclusion, lien ou macro mal formé"
            what = f"balisage brut publié : « {line.strip()[:EXCERPT]} »"
            faults.append(Fault(place(root, page, line), what, mend))
    return faults


def audit_proofs(
    page: str, tree: HtmlElement, html: Path, root: Path, blocks: list[Block], known: dict[str, Script]
) -> list[Fault]:
    """Tampon, téléchargement, figures et nombres d'une page : ceux du registre, et rien d'autre."""
    notebook = page.endswith(".ipynb")  # ses images sont contrôlées par audit_notebook
    faults: list[Fault] = []

    def fault(what: str, mend: str, where: str = f"{page}:1") -> None:
        faults.append(Fault(where, what, mend))

    def target(reference: str) -> Path:
        return (html.parent / reference).resolve()

    proofs = tree.xpath("//*[@data-script]")
    shared = [node for node in tree.find_class("tampon") if node.get("data-page") is not None]
    entry = inline.known(root).get(page)
    wanted = [] if entry is None else [f"✓ {inline.stamp(entry)} · ce que « vérifié » veut dire".split()]
    if [node.text_content().split() for node in shared] != wanted:
        fault("tampon des blocs écrits dans la page absent, ou différent de tests/inline.json", "reconstruire le site")
    for node in [n for n in tree.find_class("tampon") if n not in shared] + tree.find_class("mesure"):
        if node.get("data-banc") is None and node.get("data-script") not in known:
            text = node.text_content().strip()[:EXCERPT]
            fault(f"preuve d'aucun exemple : « {text} »", "employer la macro", place(root, page, text))
            return faults
    stamps = {node.get("data-script"): node for node in proofs if "tampon" in node.classes}
    for node in tree.find_class("mesure"):
        if node.tag != "span" or not (node.get("data-mesure") or node.get("data-banc")):
            text = node.text_content().strip()[:EXCERPT]
            fault(f"mesure sans nom : « {text} »", "employer la macro mesure()", place(root, page, text))
    for node in (node for node in proofs if "tampon" in node.classes):
        key = node.get("data-script")
        said = "".join(ledger.stamp(ledger.read(known[key])))
        if said.split() != node.text_content().split()[1 : len(said.split()) + 1]:  # après la coche
            where = place(root, page, f'tampon("{key}")')
            fault(f"tampon de {key} différent du registre", "reconstruire le site", where)
    images = [(figure.get("data-script"), i) for figure in proofs if figure.tag == "figure" for i in figure.iter("img")]
    for block in {b.script.key: b for b in blocks if b.kind == "section" and b.script}.values():
        script = block.script
        assert script is not None
        if script.key not in stamps:
            fault(
                f"{script.key} montré sans tampon",
                f'ajouter {{{{ tampon("{script.key}") }}}}',
                block.where,
            )
            continue
        links = stamps[script.key].xpath(".//a[@download]/@href")
        path = target(links[0]) if links else None
        if path is None or not path.is_file() or path.read_text(encoding="utf-8") != script.source:
            fault(
                f"{script.key} : le script à télécharger n'est pas celui exécuté",
                "reconstruire le site",
                place(root, page, f'tampon("{script.key}")'),
            )
        drawn = sorted(p.name for p in script.outputs.glob("*.light.svg"))
        light = [image for key, image in images if key == script.key and "only-light" in image.classes]
        found = sorted(Path(image.get("src")).name for image in light)
        if found != drawn:
            fault(
                f"{script.key} dessine {drawn}, la page montre {found}",
                "une macro figure() par figure",
                block.where,
            )
    proven = {image for _, image in images}
    for image in [] if notebook else tree.xpath("//article//img"):
        if image not in proven:
            source = image.get("src", "")
            where = place(root, page, Path(source).name)
            fault(f"image sans preuve : {source:.60}", "la faire dessiner par un exemple, ou en SVG", where)
    for key, image in images:
        path, source = target(image.get("src")), known[key].outputs / Path(image.get("src")).name
        if not path.is_file() or not source.is_file() or path.read_bytes() != source.read_bytes():
            where = place(root, page, f'figure("{key}", "{source.name.rsplit("-", 1)[0]}"')
            fault(f"figure périmée : {source.name}", "reconstruire le site", where)
    for span in tree.xpath("//span[@data-mesure]"):
        name = span.get("data-mesure")
        value = ledger.read(known[span.get("data-script")])["measures"].get(name)
        if value is None or french_number(value, span.get("data-form")) != span.text_content():
            what = f"nombre « {span.text_content()} » différent du registre ({name})"
            fault(what, "reconstruire le site", place(root, page, f'mesure("{span.get("data-script")}", "{name}"'))
    for span in tree.xpath("//span[@data-banc]"):
        name = span.get("data-banc")
        if french_number(bench_value(root, name), span.get("data-form")) != span.text_content():
            what = f"nombre « {span.text_content()} » différent de tests/bench.json ({name})"
            fault(what, "reconstruire le site", place(root, page, f'banc("{name}"'))
    return faults


def audit_links(pages: dict[Path, HtmlElement], sources: dict[Path, str], root: Path) -> list[Fault]:
    """Liens et ancres internes valides ; aucune ressource prise ailleurs ; toute image décrite."""
    faults = []
    anchors = {html: set(tree.xpath("//@id")) for html, tree in pages.items()}
    for html, tree in pages.items():
        for node in tree.iter("a", "link", "script", "img", "source", "iframe"):
            reference = node.get("href") or node.get("src") or ""
            where = functools.partial(place, root, sources[html], reference)
            parts = urlsplit(reference)
            if parts.scheme in ("http", "https", "") and parts.netloc:
                if node.tag != "a" and node.get("rel") != "canonical":
                    faults.append(
                        Fault(
                            where(),
                            f"ressource prise ailleurs : {reference}",
                            "la servir depuis le site",
                        )
                    )
                continue
            if parts.scheme or not reference or html.name == "404.html":
                continue
            path = (html.parent / unquote(parts.path)).resolve() if parts.path else html
            if not path.is_file():
                faults.append(Fault(where(), f"lien vers un fichier absent : {reference}", "corriger le lien"))
            elif parts.fragment and path in anchors and unquote(parts.fragment) not in anchors[path]:
                faults.append(Fault(where(), f"ancre absente : {reference}", "corriger l'ancre ou le titre visé"))
        for image in tree.xpath("//article//img"):
            alt = image.get("alt", "").strip()
            if not alt or alt.startswith("No description"):  # la phrase que nbconvert met à une image sans texte
                faults.append(
                    Fault(
                        place(root, sources[html], Path(image.get("src", "")).name),
                        f"image sans texte alternatif : {image.get('src', ''):.60}",
                        "la décrire",
                    )
                )
    return faults


def proven_blocks(root: Path) -> int:
    """Nombre de blocs prouvés de toutes les pages."""
    return sum(block.proven for block in all_blocks(root))


def check_floor(root: Path) -> list[Fault]:
    """Le nombre de blocs prouvés ne doit pas baisser : `tests/floor.toml` garde le dernier."""
    floor = tomllib.loads((root / "tests/floor.toml").read_text(encoding="utf-8"))["proven_blocks"]
    count = proven_blocks(root)
    if count == floor:
        return []
    mend = "retrouver les blocs perdus ; si la baisse est voulue, changer ce nombre à la main"
    if count > floor:
        mend = "lancer make outputs, qui relève ce plancher"
    return [Fault("tests/floor.toml:2", f"{count} blocs prouvés, plancher à {floor}", mend)]


def check_shown(root: Path) -> list[Fault]:
    """Tout fichier Python d'un exemple est montré par une page au moins, sauf ceux que son manifeste dit `hidden`."""
    shown = {block.script.key for block in all_blocks(root) if block.kind == "section" and block.script}
    return [
        Fault(
            script.path.relative_to(root).as_posix() + ":1",
            "script montré par aucune page",
            "le montrer ou le retirer",
        )
        for script in sources(root)
        if script.key not in shown and script.name not in script.manifest.get("hidden", [])
    ]


def check_sources(root: Path) -> list[Fault]:
    """Contrôles qui ne lisent que les sources : découpage, registre, pages."""
    if faults := check_layout(root):
        return faults
    faults = ledger.check_orphans(root) + check_shown(root) + race.check_fresh(root) + load.check_fresh(root)
    faults += inline.check_fresh(root)
    for script in scripts(root):
        faults += ledger.check_fresh(script) + check_titles(script)
    for script in notebook.notebook_scripts(root):
        faults += notebook.check_fresh(script)
    faults += exercises.check_fresh(root)
    known = by_key(root)
    for path in markdown_files(root):
        faults += check_page(path, root, known) + check_numbers(path, root) + check_lesson(path, root)
    return faults + check_strays(root, set(notebook_code(root))) + check_glossary_entries(root)


def audit_site(root: Path, site: Path) -> list[Fault]:
    """Tous les défauts du site construit dans `site`, sources comprises."""
    if faults := check_sources(root):
        return faults
    expected, faults = expected_blocks(root)
    known = by_key(root)
    notebooks = notebook_code(root)
    pages = {h: lxml_html.document_fromstring(h.read_text(encoding="utf-8")) for h in sorted(site.rglob("*.html"))}
    origins: dict[Path, str] = {}
    for html, tree in pages.items():
        name = html.relative_to(site).with_suffix("").as_posix()
        page = f"docs/{name}.md"
        if (path := root / f"docs/{name}.ipynb") in notebooks:
            page = f"docs/{name}.ipynb"
            faults += audit_notebook(path, page, tree, html, notebooks[path])
        else:
            faults += audit_blocks(page, tree, expected.get(page, []))
        origins[html] = page
        blocks = [block for block, _ in expected.get(page, [])]
        faults += audit_text(page, tree, root) + audit_proofs(page, tree, html, root, blocks, known)
    for page in expected.keys() - set(origins.values()):
        faults.append(Fault(f"{page}:1", "page absente du site", "reconstruire le site"))
    return faults + audit_links(pages, origins, root) + check_floor(root)


def main() -> int:
    """Audite le site donné en argument (par défaut `site/`) ; rend 1 s'il a un défaut."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    if not (site / "index.html").is_file():
        print(f"{site} : aucun site construit ; lancer make build d'abord", file=sys.stderr)
        return 1
    faults = audit_site(ROOT, site)
    if faults:
        print(report(faults), file=sys.stderr)
        print(f"\nAudit : {len(faults)} défaut(s).", file=sys.stderr)
        return 1
    print(f"Audit : {proven_blocks(ROOT)} blocs prouvés, aucun défaut.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
