"""Après MkDocs : joint au site les scripts, données et archives des exemples, complète la recherche, allège."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert

from proof import project
from proof.typography import NBSP

# Les deux carnets d'exercices d'un dossier (voir exercises.py).
ASSIGNMENT, ANSWERS = "exercices-enonce.ipynb", "exercices-corrige.ipynb"
# Python pour la page : le paquet npm `pyodide`, s'il est installé (npm ci dans tests/node).
PYODIDE = Path("tests/node/node_modules/pyodide")
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
INLINE_FORMULA = re.compile(r"\$([^$]+)\$")
# Dès le premier geste, Material demanderait l'index de recherche, plus lourd que vingt leçons ; il attendra.
SEARCH_AT_ONCE = re.compile(r'(?<=\$\()location\.protocol!=="file:"(?=\),\w+\("search"\))')
# Par cet attribut, Material prend en main chaque groupe d'onglets et le mesure : `course.js` les lie sans rien mesurer.
TAB_HOOK = re.compile(r' data-tabs="[\d:]+"')
# Un italique seul entre parenthèses est un mot anglais : un lecteur d'écran doit le dire comme tel.
ENGLISH = re.compile(r"\(<em>(?=[^<]*</em>[,)])")
# Un dixième du poids d'une démo : les commentaires et les retraits de son script, les blancs de son style.
SCRIPT_SLACK = re.compile(r"^\s*(?://.*|/\*\*.*\*/)\n|^ +| // [^\"'`\n]*$", re.MULTILINE)
STYLE_SLACK = re.compile(r"/\*.*?\*/|(?<=[{};:,])\s+|\s+(?=[{}])", re.DOTALL)
# L'étiquette d'un onglet est loin de son contenu : à l'impression, chaque contenu porte son titre.
TAB_PARTS = re.compile(r'<div class="tabbed-labels">(.*?)</div>|<div class="tabbed-block">', re.DOTALL)
TAB_LABEL = re.compile(r"<label[^>]*>(.*?)</label>", re.DOTALL)


def repository() -> str:
    """Dépôt GitHub `compte/nom`, d'après l'intégration continue ou le dépôt local ; vide si inconnu."""
    if slug := os.environ.get("GITHUB_REPOSITORY"):
        return slug
    command = ["git", "-C", str(project.ROOT), "remote", "get-url", "origin"]
    try:
        url = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    found = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?\s*$", url)
    return found.group(1) if found else ""


def notebook_links(notebook: str, href: str) -> str:
    """Liens vers un carnet, de chemin `notebook` dans `docs/` : le télécharger, l'ouvrir dans Colab."""
    download = f'<a href="{href}" download>télécharger le carnet</a>'
    if slug := repository():
        url = f"https://colab.research.google.com/github/{slug}/blob/main/docs/{notebook}"
        return f'{download} · <a href="{url}">l’ouvrir dans Colab</a>'
    url = "https://colab.research.google.com/#create=false&upload=true"
    return f'{download}, puis <a href="{html.escape(url)}">l’importer dans Colab</a>'


def finish(root: Path, site: Path) -> None:
    """Joint au site construit les scripts et leurs figures, complète la recherche et allège les pages."""
    for script in project.sources(root):
        target = site / "snippets" / script.example
        (target / "outputs" / script.name).mkdir(parents=True, exist_ok=True)
        (target / f"{script.name}.py").write_text(script.source, encoding="utf-8", newline="\n")
        artefacts = [script.outputs / name for name in script.manifest.get("artefacts", [])]
        for path in [*script.outputs.glob("*.svg"), *artefacts]:
            shutil.copy(path, target / "outputs" / script.name)
        for path in artefacts:
            if path.suffix == ".json":
                write_data(f"{script.key}/{path.name}", path, target / "outputs" / script.name / f"{path.name}.js")
    for script in project.scripts(root):
        if script.module_names:
            write_archive(script, site / "snippets" / f"{script.example}.zip")
    for path in site.glob("assets/demos/*"):
        slack = SCRIPT_SLACK if path.suffix == ".js" else STYLE_SLACK
        path.write_text(slack.sub("", path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    corrections = (site / "assets/search.js").read_text(encoding="utf-8")
    for worker in site.glob("assets/javascripts/workers/search.*.js"):
        worker.write_text(corrections + worker.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    for bundle in site.glob("assets/javascripts/bundle.*.js"):
        text, found = SEARCH_AT_ONCE.subn("!1", bundle.read_text(encoding="utf-8"))
        if found != 1:
            raise ValueError(
                f"{bundle.name} : Material a changé ; accorder SEARCH_AT_ONCE, dans tests/proof/publish.py"
            )
        bundle.write_text(text, encoding="utf-8", newline="\n")
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = ENGLISH.sub('(<em lang="en">', name_tabs(TAB_HOOK.sub("", text)))
        page.write_text(text, encoding="utf-8", newline="\n")
    for script in project.scripts(root):
        if notebook := script.manifest.get("notebook"):
            slim_notebook(site / Path(notebook).with_suffix(".html"), alts=alternatives(root / "docs" / notebook))
    for answers in site.rglob(str(Path(ANSWERS).with_suffix(".html"))):
        slim_notebook(answers, answers.parent.relative_to(site))
    shutil.copy(root / "overrides/assets/exercise.py", site / "assets")  # MkDocs écarte les .py d'un thème
    if (root / PYODIDE).is_dir():
        (site / "assets/pyodide").mkdir(exist_ok=True)
        for name in PYODIDE_FILES:
            shutil.copy(root / PYODIDE / name, site / "assets/pyodide")


def write_data(name: str, source: Path, target: Path) -> None:
    """Habille un fichier JSON en script : une démo le lit aussi dans un dossier ouvert sans serveur."""
    data = json.dumps(json.loads(source.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":"))
    text = f"(window.demoData ??= {{}})[{json.dumps(name)}] = {data};\n"
    target.write_text(text, encoding="utf-8", newline="\n")


def name_tabs(page: str) -> str:
    """Donne à chaque contenu d'onglet le titre de son étiquette, que l'impression montre ; groupes emboîtés compris."""
    waiting: list[str] = []

    def part(found: re.Match[str]) -> str:
        if found.group(1) is not None:
            waiting.extend(reversed([re.sub("<.*?>", "", label) for label in TAB_LABEL.findall(found.group(1))]))
            return found.group()
        return f'<div class="tabbed-block" data-titre="{waiting.pop()}">'

    return TAB_PARTS.sub(part, page)


def write_archive(script: project.Script, target: Path) -> None:
    """Range le petit projet de `script` dans une archive ; mêmes fichiers, mêmes octets."""
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        script.write_program(Path(name))
        for path in sorted(Path(name).rglob("*")):
            if path.is_file():
                inside = zipfile.ZipInfo(f"{script.example}/{path.relative_to(name).as_posix()}", (2026, 1, 1, 0, 0, 0))
                archive.writestr(inside, path.read_bytes(), zipfile.ZIP_DEFLATED)


def alternatives(notebook: Path) -> list[str]:
    """Texte alternatif de chaque figure d'un carnet, dans l'ordre : mkdocs-jupyter le perd."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    return [output["metadata"]["image/png"]["alt"] for output in outputs]


def slim_notebook(path: Path, exercises: Path | None = None, alts: Sequence[str] = ()) -> None:
    """Retire d'une page de carnet les 590 Ko de styles et les scripts que mkdocs-jupyter y recopie, et ses figures.

    `alts` décrit ces figures, dans l'ordre. Au corrigé du dossier `exercises` de `docs/`, ajoute de quoi télécharger
    l'énoncé, et rend les formules en MathML.
    """
    before, mark, after = path.read_text(encoding="utf-8").partition("<article")
    after = re.sub(r"<style.*?</style>", "", after, flags=re.DOTALL)  # avant de lire : dix fois moins à lire
    soup = BeautifulSoup(before + mark + after, "lxml")
    article = soup.find("article")
    if not isinstance(article, Tag):
        raise ValueError(f"{path} : page de carnet sans contenu")
    for node in article.find_all(["script", "clipboard-copy"]) + article.select(".clipboard-copy-txt"):
        node.decompose()
    images = article.select(".jp-OutputArea img")
    for number, (image, alt) in enumerate(zip(images, alts, strict=True), 1):
        image["loading"], image["alt"] = "lazy", alt
        kind, _, data = str(image["src"]).partition(";base64,")
        if kind == "data:image/png":  # hors de la page, une figure n'est chargée que si l'on arrive jusqu'à elle
            picture = path.with_name(f"{path.stem}-{number}.png")
            content = base64.b64decode(data)
            picture.write_bytes(content)
            image["src"] = picture.name
            width, height = struct.unpack(">II", content[16:24])  # en-tête du PNG : la place est gardée
            image["width"], image["height"] = str(width), str(height)
    for cell in article.select(".jp-CodeCell div.highlight-ipynb"):
        cell["class"] = ["highlight"]
    if exercises is not None:
        for text in [t for cell in article.select(".jp-MarkdownCell") for t in cell.find_all(string=INLINE_FORMULA)]:
            rendered = INLINE_FORMULA.sub(lambda found: convert(html.unescape(found.group(1))), html.escape(str(text)))
            text.replace_with(BeautifulSoup(rendered, "html.parser"))
        links = notebook_links((exercises / ASSIGNMENT).as_posix(), ASSIGNMENT)
        own = f'<a href="{ANSWERS}" download>télécharger ce corrigé</a>'
        title = article.find("h1")
        assert isinstance(title, Tag)
        title.insert_after(BeautifulSoup(f"<p>L’énoncé{NBSP}: {links}. Les réponses{NBSP}: {own}.</p>", "html.parser"))
    path.write_text(str(soup), encoding="utf-8")
