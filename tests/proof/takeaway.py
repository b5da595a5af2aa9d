"""Ce que l'on emporte : l'archive du site, et une version imprimable de chaque module.

`python -m proof.takeaway zip [site]` (fin de make build) range le site dans `emporter/cours.zip` ;
`python -m proof.takeaway pdf [site]` (make pdf) imprime chaque module dans `emporter/module-N.pdf`, par Chromium.
Les pages nomment ces fichiers par la macro `emporter()`, sans lien : chaque commande ne lie que ce qui existe.
"""

from __future__ import annotations

import copy
import re
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from proof.project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER, ARCHIVE = "emporter", "cours.zip"
# Sans usage hors ligne : le plan destiné aux moteurs de recherche, les cartes du code de Material, et Python dans la
# page, qui demande un serveur ; ni ce dossier lui-même. Sans ce Python, une page ne doit pas l'annoncer.
LEFT_OUT = re.compile(rf"{FOLDER}/|assets/pyodide/|sitemap\.xml|.*\.map$")
PYTHON = re.compile(rb'(?<= data-pyodide=")[^"]+')
NOTEBOOK = re.compile(r"-carnet|/exercices-")
MODULE = re.compile(r"module-\d+$")
NAMED = re.compile(r'<span data-emporter="([^"]+)" data-adresse="([^"]+)">(.*?)</span>')
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
COVER = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>{styles}</head>
<body class="imprime" dir="ltr" data-md-color-scheme="default" data-md-color-primary="custom">
<main class="md-typeset"><header><p class="imprime-cours">Deep learning, preuves à l’appui</p>
<p class="imprime-titre">{title}</p><p>Version en ligne : <a href="{address}">{address}</a></p>
<nav aria-label="Leçons du module"><ol></ol></nav></header></main></body></html>"""
FOOTER = (
    '<div style="width: 100%; font: 8px sans-serif; padding: 0 15mm; display: flex; justify-content: space-between">'
    '<span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
)


def archive(site: Path, target: Path) -> None:
    """Range tout le site, sauf ce que l'on emporte, dans `target` ; même site, mêmes octets."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(site.rglob("*")):
            name = path.relative_to(site).as_posix()
            if path.is_file() and not LEFT_OUT.match(name):
                inside = zipfile.ZipInfo(f"cours/{name}", (2026, 1, 1, 0, 0, 0))
                content = path.read_bytes()
                if path.suffix == ".html":
                    content = PYTHON.sub(b"", content)
                packed.writestr(inside, content, zipfile.ZIP_DEFLATED)


def link(site: Path) -> None:
    """Change en liens, avec leur taille, les noms des fichiers à emporter qui existent."""

    def anchor(found: re.Match[str]) -> str:
        name, address, text = found.groups()
        path = site / FOLDER / name
        if not path.is_file():
            return found.group()
        size = f"{path.stat().st_size / 1e6:.1f}".replace(".", ",")
        return f'<a href="{address}" download>{text}</a> ({size}\u00a0Mo)'

    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if "data-emporter" in text:
            page.write_text(NAMED.sub(anchor, text), encoding="utf-8", newline="\n")


def module_pages(site: Path, module: str) -> list[Path]:
    """Pages d'un module dans l'ordre du menu ; un carnet, qui répète une leçon, n'en est pas."""
    tree = lxml_html.document_fromstring((site / "index.html").read_text(encoding="utf-8"))
    names = [link.get("href") for link in tree.xpath("//nav[contains(@class, 'md-nav--primary')]//a[@href]")]
    wanted = [name for name in dict.fromkeys(names) if name.startswith(f"{module}/") and not NOTEBOOK.search(name)]
    return [site / name for name in wanted]


def printable(site: Path, module: str) -> HtmlElement:
    """Document imprimable : les articles du module à la suite, liens compris.

    Un lien vers une page du module vise la page imprimée ; tout autre lien vise le site publié.
    """
    pages = module_pages(site, module)
    trees = {page: lxml_html.document_fromstring(page.read_text(encoding="utf-8")) for page in pages}
    first = trees[pages[0]]
    title = first.xpath("string(//li[contains(@class, 'md-nav__item--active')]/label)").strip() or module
    online = urljoin(first.xpath("string(//link[@rel='canonical']/@href)"), "../")
    styles = "".join(
        f'<link rel="stylesheet" href="{(pages[0].parent / sheet).resolve().as_uri()}">'
        for sheet in first.xpath("//link[@rel='stylesheet']/@href")
    )
    document = lxml_html.document_fromstring(COVER.format(title=title, address=online, styles=styles))
    main, contents = document.find(".//main"), document.find(".//ol")
    assert main is not None and contents is not None
    for number, page in enumerate(pages):
        article = copy.deepcopy(trees[page].find(".//article"))
        assert article is not None, f"{page} : page sans article"
        prepare(article, page, site, pages, online)
        article.set("id", f"p{number}")
        heading = article.find(".//h1")
        assert heading is not None, f"{page} : page sans titre"
        item = etree.SubElement(contents, "li")
        etree.SubElement(item, "a", href=f"#p{number}").text = heading.text_content().strip()
        main.append(article)
    return document


def prepare(article: HtmlElement, page: Path, site: Path, pages: list[Path], online: str) -> None:
    """Rend un article imprimable : sans boutons, exercices ni figures sombres, replis ouverts, adresses entières."""
    unused = (
        "//script | //noscript | //button | //input | //a[contains(@class, 'headerlink')] | //div[@class='exercice']"
    )
    dark = "//img[contains(@class, 'only-dark')] | //div[contains(@class, 'tabbed-labels')]"
    for node in article.xpath(f"{unused} | {dark}".replace("//", ".//")):
        node.drop_tree()
    prefix = f"p{pages.index(page)}"
    for node in article.iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag == "details":
            node.set("open", "")
        if node.get("id"):
            node.set("id", f"{prefix}-{node.get('id')}")
        for name in REFERENCES:
            if node.get(name):
                node.set(name, " ".join(f"{prefix}-{part}" for part in node.get(name).split()))
        for name, value in node.attrib.items():
            if "url(#" in value:
                node.set(name, value.replace("url(#", f"url(#{prefix}-"))
        if node.tag == "img":
            node.attrib.pop("loading", None)
            if not node.get("src").startswith("data:"):
                node.set("src", (page.parent / node.get("src")).resolve().as_uri())
        if node.get("href"):
            node.set("href", printed_address(node.get("href"), page, site, pages, online))


def printed_address(reference: str, page: Path, site: Path, pages: list[Path], online: str) -> str:
    """Adresse d'un lien dans le document imprimé : une ancre de ce document, sinon le site publié."""
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        return reference
    target = (page.parent / parts.path).resolve() if parts.path else page
    if target in pages:
        return f"#p{pages.index(target)}" + (f"-{parts.fragment}" if parts.fragment else "")
    path = target.relative_to(site.resolve()).as_posix()
    return urljoin(online, path) + (f"#{parts.fragment}" if parts.fragment else "")


def modules(site: Path) -> list[str]:
    """Dossiers des modules d'un site : `module-1`, `module-2`…"""
    return sorted(path.name for path in site.iterdir() if MODULE.match(path.name))


def strings(pdf: bytes, key: str) -> list[str]:
    """Textes de cette clé dans un PDF de Chromium, en clair ou en UTF-16, comparables : blancs et apostrophes unis."""
    texts = []
    for clear, coded in re.findall(rb"/%s (?:\(((?:\\.|[^\\)])*)\)|<([0-9A-F]+)>)" % key.encode(), pdf):
        utf16 = bytes.fromhex(coded.decode()).decode("utf-16")
        texts.append(comparable(utf16 or re.sub(rb"\\(.)", rb"\1", clear).decode("latin-1")))
    return texts


def comparable(text: str) -> str:
    """Le même texte, où qu'il soit écrit : blancs et apostrophes unis, adresse décodée et sans barre finale."""
    return " ".join(unquote(text).replace("’", "'").rstrip("/").split())


def pdf_faults(pdf: bytes, document: HtmlElement) -> list[str]:
    """Ce que ce PDF de Chromium a perdu de son document : langue, titre, balises, plan, liens."""
    marks = {"langue": b"/Lang (fr)", "balises": b"/StructTreeRoot", "plan": b"/Outlines"}
    faults = [name for name, mark in marks.items() if mark not in pdf]
    title, *outline = strings(pdf, "Title") or [""]
    if title != comparable(document.findtext(".//title") or ""):
        faults.append(f"titre « {title} »")
    headings = document.iter("h1", "h2", "h3")
    missing = [text for heading in headings if (text := comparable(heading.text_content())) not in outline]
    faults += [f"plan sans « {text} »" for text in missing]
    aimed, placed = (
        {"#" + re.sub("#(..)", lambda code: chr(int(code[1], 16)), name.decode()) for name in re.findall(pattern, pdf)}
        for pattern in (rb"/Dest /([!-.0-~]+)", rb"/([!-.0-~]+) \[\d+ 0 R /XYZ")
    )
    kept = (aimed & placed) | set(strings(pdf, "URI"))
    wanted = {comparable(link) for link in document.xpath("//a/@href")}
    return faults + [f"lien perdu : {link}" for link in sorted(wanted - kept)]


def print_modules(chromium: Browser, site: Path, folder: Path, names: list[str]) -> dict[Path, list[str]]:
    """Imprime des modules du site dans `folder`, en PDF balisé, plan et liens gardés ; rend les défauts de chacun."""
    folder.mkdir(exist_ok=True)
    written = {}
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    with tempfile.TemporaryDirectory() as drafts:
        for name in names:
            draft = Path(drafts) / f"{name}.html"
            document = printable(site, name)
            draft.write_bytes(lxml_html.tostring(document, doctype="<!doctype html>", encoding="utf-8"))
            page.goto(draft.as_uri(), wait_until="load")
            path = folder / f"{name}.pdf"
            pdf = page.pdf(
                path=path,
                format="A4",
                scale=0.8,
                margin={"top": "14mm", "bottom": "16mm", "left": "15mm", "right": "15mm"},
                outline=True,
                tagged=True,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
            )
            written[path] = pdf_faults(pdf, document)
    context.close()
    return written


def main() -> int:
    """Fait l'archive (`zip`) ou les versions imprimables (`pdf`) du site donné, par défaut `site/`."""
    site = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "site"
    if sys.argv[1:2] not in (["zip"], ["pdf"]) or not (site / "index.html").is_file():
        print("python -m proof.takeaway zip|pdf [site construit] ; lancer make build d'abord", file=sys.stderr)
        return 1
    site = site.resolve()
    if sys.argv[1] == "zip":
        archive(site, site / FOLDER / ARCHIVE)
    else:
        from proof import browser  # Playwright n'est pas installé pour construire le site

        with browser.launch() as chromium:
            written = print_modules(chromium, site, site / FOLDER, modules(site))
        for path, faults in written.items():
            print(f"{path.name} : {path.stat().st_size / 1e6:.1f} Mo")
            for fault in faults:
                print(f"{path} : {fault} ; comparer au site, puis relancer make pdf", file=sys.stderr)
        if any(written.values()):
            return 1
    link(site)
    return 0


if __name__ == "__main__":
    sys.exit(main())
