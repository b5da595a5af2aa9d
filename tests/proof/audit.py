"""Audit du HTML publié : chaque bloc, nombre, figure et lien est rattaché à ce qui le prouve.

`python -m proof.audit [site]` (make audit) relit un site déjà construit, en quelques secondes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from proof import ledger, notebook, race
from proof.glossary import check_glossary_entries
from proof.lessons import check_lesson
from proof.macros import french_number
from proof.pages import (
    Block,
    check_numbers,
    check_page,
    check_strays,
    extract,
    markdown_files,
    read_page,
)
from proof.project import ROOT, Fault, Script, bench_value, check_layout, report, scripts, sources
from proof.site import expand

RAW_MARKUP = re.compile(r"```|~~~|8<-|\{\{|\{%|\]\(")
EXCERPT = 60


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
    for page, text in expand(root).items():
        blocks, _ = read_page(root / page, root)
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


def audit_blocks(page: str, soup: BeautifulSoup, expected: list[tuple[Block, str]]) -> list[Fault]:
    """Chaque `<pre>` publié est, dans l'ordre, le bloc attendu."""
    faults = []
    published = soup.find_all("pre")
    for index, pre in enumerate(published):
        text = pre.get_text()
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
            wrapper = pre.find_parent("div", class_="highlight")
            outside = wrapper.get_text().replace(text, "") if wrapper else ""
            if block.attributes["data-pourquoi"] not in outside.replace("’", "'"):
                faults.append(Fault(block.where, "raison d'exemption invisible", "garder data-pourquoi seul"))
    for block, _ in expected[len(published) :]:
        faults.append(Fault(block.where, "ce bloc n'est pas publié", "vérifier la clôture du bloc précédent"))
    return faults


def audit_notebook(page: str, soup: BeautifulSoup, script: Script) -> list[Fault]:
    """Chaque `<pre>` d'une page de carnet est une section exécutée, ou la sortie d'une cellule."""
    faults = []
    known = {normal(script.section_text(name)) for name in script.sections}
    data = json.loads(notebook.notebook_path(script).read_text(encoding="utf-8"))
    for cell in data["cells"]:
        known |= {normal("".join(out.get("text", ""))) for out in cell.get("outputs", [])}
    for pre in soup.find_all("pre"):
        if normal(pre.get_text()) not in known:
            excerpt = normal(pre.get_text())[:EXCERPT]
            faults.append(
                Fault(
                    f"{page}:1",
                    f"bloc de carnet sans preuve : « {excerpt} »",
                    "lancer make outputs",
                )
            )
    return faults


def audit_text(page: str, soup: BeautifulSoup) -> list[Fault]:
    """Rien d'inachevé : balisage brut, macro non rendue, code hors bloc, onglets confondus."""
    faults = []
    for tabs in soup.select(".tabbed-labels"):
        names = [label.get_text(strip=True) for label in tabs.find_all("label")]
        if len(names) != len(set(names)):
            what = f"deux groupes d'onglets confondus : {', '.join(names)}"
            faults.append(Fault(f"{page}:1", what, "écrire une phrase entre deux groupes d'onglets"))
    body = BeautifulSoup(str(soup.find("article") or soup), "lxml")
    for code in body.find_all("code"):
        if code.find_parent("pre") is None and "\n" in code.get_text().strip():
            faults.append(Fault(f"{page}:1", "code de plusieurs lignes hors d'un bloc", "employer un bloc ```"))
    for node in body.find_all(["pre", "code", "script", "style"]):
        node.decompose()
    for line in body.get_text("\n").splitlines():
        if RAW_MARKUP.search(line):
            mend = "corriger la syntaxe : bloc, inclusion, lien ou macro mal formé"
            faults.append(Fault(f"{page}:1", f"balisage brut publié : « {line.strip()[:EXCERPT]} »", mend))
    return faults


def audit_proofs(page: str, soup: BeautifulSoup, html: Path, root: Path) -> list[Fault]:
    """Tampon, téléchargement, figures et nombres d'une page : ceux du registre, et rien d'autre."""
    faults: list[Fault] = []
    known = {script.key: script for script in scripts(root)}

    def fault(what: str, mend: str, where: str = f"{page}:1") -> None:
        faults.append(Fault(where, what, mend))

    def target(reference: object) -> Path:
        return (html.parent / str(reference)).resolve()

    stamps = {str(stamp["data-script"]): stamp for stamp in soup.select(".tampon[data-script]")}
    blocks = read_page(root / page, root)[0] if (root / page).suffix == ".md" and html.name != "404.html" else []
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
        link = stamps[script.key].find("a", download=True)
        path = target(link["href"]) if isinstance(link, Tag) else None
        if path is None or not path.is_file() or path.read_text(encoding="utf-8") != script.source:
            fault(
                f"{script.key} : le script à télécharger n'est pas celui exécuté",
                "reconstruire le site",
            )
        drawn = sorted(p.name for p in script.outputs.glob("*.light.svg"))
        images = soup.select(f'figure[data-script="{script.key}"] img.only-light')
        found = sorted(Path(str(image["src"])).name for image in images)
        if found != drawn:
            fault(
                f"{script.key} dessine {drawn}, la page montre {found}",
                "une macro figure() par figure",
            )
    for image in soup.select("figure[data-script] img"):
        script = known[str(image.find_parent("figure")["data-script"])]  # type: ignore[index]
        path, source = target(image["src"]), script.outputs / Path(str(image["src"])).name
        if not path.is_file() or not source.is_file() or path.read_bytes() != source.read_bytes():
            fault(f"figure périmée : {source.name}", "reconstruire le site")
    for span in soup.select("span[data-mesure]"):
        entry = ledger.read(known[str(span["data-script"])])
        value = entry["measures"].get(str(span["data-mesure"]))
        if value is None or french_number(value, str(span["data-form"])) != span.get_text():
            what = f"nombre « {span.get_text()} » différent du registre ({span['data-mesure']})"
            fault(what, "reconstruire le site")
    for span in soup.select("span[data-banc]"):
        value = bench_value(root, str(span["data-banc"]))
        if french_number(value, str(span["data-form"])) != span.get_text():
            what = f"nombre « {span.get_text()} » différent de tests/bench.json ({span['data-banc']})"
            fault(what, "reconstruire le site")
    return faults


def audit_links(pages: dict[Path, BeautifulSoup], sources: dict[Path, str]) -> list[Fault]:
    """Liens et ancres internes valides ; aucune ressource prise ailleurs ; toute image décrite."""
    faults = []
    anchors = {html: {str(n["id"]) for n in soup.find_all(id=True)} for html, soup in pages.items()}
    for html, soup in pages.items():
        where = f"{sources[html]}:1"
        for node in soup.find_all(["a", "link", "script", "img", "source", "iframe"]):
            reference = str(node.get("href") or node.get("src") or "")
            parts = urlsplit(reference)
            if parts.scheme in ("http", "https", "") and parts.netloc:
                if node.name != "a" and node.get("rel") != ["canonical"]:
                    faults.append(
                        Fault(
                            where,
                            f"ressource prise ailleurs : {reference}",
                            "la servir depuis le site",
                        )
                    )
                continue
            if parts.scheme or not reference or html.name == "404.html":
                continue
            path = (html.parent / unquote(parts.path)).resolve() if parts.path else html
            if not path.is_file():
                faults.append(Fault(where, f"lien vers un fichier absent : {reference}", "corriger le lien"))
            elif parts.fragment and path in anchors and unquote(parts.fragment) not in anchors[path]:
                faults.append(Fault(where, f"ancre absente : {reference}", "corriger l'ancre ou le titre visé"))
        for image in soup.find_all("img"):
            if not str(image.get("alt", "")).strip() and image.find_parent("article"):
                faults.append(
                    Fault(
                        where,
                        f"image sans texte alternatif : {image.get('src', '')!s:.60}",
                        "la décrire",
                    )
                )
    return faults


def proven_blocks(root: Path) -> int:
    """Nombre de blocs prouvés de toutes les pages."""
    return sum(block.proven for path in markdown_files(root) for block in read_page(path, root)[0])


def check_floor(root: Path) -> list[Fault]:
    """Le nombre de blocs prouvés ne doit pas baisser : `tests/floor.toml` garde le dernier."""
    floor = tomllib.loads((root / "tests/floor.toml").read_text(encoding="utf-8"))["proven_blocks"]
    count = proven_blocks(root)
    if count == floor:
        return []
    mend = "retrouver les blocs perdus ; si la baisse est voulue, changer ce nombre à la main"
    if count > floor:
        mend = "lancer make outputs, qui relève ce plancher"
    return [Fault("tests/floor.toml:1", f"{count} blocs prouvés, plancher à {floor}", mend)]


def check_shown(root: Path) -> list[Fault]:
    """Tout fichier Python d'un exemple est montré par une page au moins, sauf ceux que son manifeste dit `hidden`."""
    blocks = [block for path in markdown_files(root) for block in read_page(path, root)[0]]
    shown = {block.script.key for block in blocks if block.kind == "section" and block.script}
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
    faults = ledger.check_orphans(root) + check_shown(root) + race.check_fresh(root)
    for script in scripts(root):
        faults += ledger.check_fresh(script)
    for script in notebook.notebook_scripts(root):
        faults += notebook.check_fresh(script)
    for path in markdown_files(root):
        faults += check_page(path, root) + check_numbers(path, root) + check_lesson(path, root)
    return faults + check_strays(root) + check_glossary_entries(root)


def audit_site(root: Path, site: Path) -> list[Fault]:
    """Tous les défauts du site construit dans `site`, sources comprises."""
    if faults := check_sources(root):
        return faults
    expected, faults = expected_blocks(root)
    notebooks = {str(s.manifest["notebook"]): s for s in notebook.notebook_scripts(root)}
    pages = {h: BeautifulSoup(h.read_text(encoding="utf-8"), "lxml") for h in sorted(site.rglob("*.html"))}
    origins: dict[Path, str] = {}
    for html, soup in pages.items():
        name = html.relative_to(site).with_suffix("").as_posix()
        page = f"docs/{name}.md"
        if f"{name}.ipynb" in notebooks:
            page = f"docs/{name}.ipynb"
            faults += audit_notebook(page, soup, notebooks[f"{name}.ipynb"])
        else:
            faults += audit_blocks(page, soup, expected.get(page, []))
        origins[html] = page
        faults += audit_text(page, soup) + audit_proofs(page, soup, html, root)
    for page in expected.keys() - set(origins.values()):
        faults.append(Fault(f"{page}:1", "page absente du site", "reconstruire le site"))
    return faults + audit_links(pages, origins) + check_floor(root)


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
