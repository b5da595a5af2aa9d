"""Macros des pages : nombres, tampons, figures et formules, tirés du registre ; chargé par mkdocs-macros."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert
from mkdocs.utils import get_relative_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from proof import glossary, ledger, pages, project
from proof.lessons import lessons_by_module

NBSP, THIN = "\u00a0", "\u202f"
# Ce que l'auteur tape → ce que la page montre.
TYPOGRAPHY = (
    (r"(?<=\w)'(?=[\w*«([]|$)", "’"),
    (r"« ", f"«{NBSP}"),
    (r"(?<=[^\s|]) (?=[:»%](?!\w))", NBSP),
    (r"(?<=[^\s|]) (?=[;!?](?!\w))", THIN),
    (r"(?<=\d) (?=\d{3}\b|h\b|min\b|s\b|Mo\b|Go\b|Ko\b)", NBSP),
)
# Après une formule, un navigateur peut aller à la ligne malgré l'espace insécable.
PUNCTUATED_FORMULA = re.compile(rf"(<span><math(?:(?!</math>).)*</math></span>)([{NBSP}{THIN}]?[:;,.!?»)]+)")
JOINT = "\x00"
# Morceaux de code que Pygments balise sans les colorer : les alléger retire un tiers des nœuds d'une leçon.
PLAIN_TOKENS = re.compile(r'<span class="(?:w|n|p)">([^<]*)</span>')
# Par cet attribut, Material prend en main chaque groupe d'onglets et le mesure : `course.js` les lie sans rien mesurer.
TAB_HOOK = re.compile(r' data-tabs="[\d:]+"')
# L'étiquette d'un onglet est loin de son contenu : à l'impression, chaque contenu porte son titre.
TAB_PARTS = re.compile(r'<div class="tabbed-labels">(.*?)</div>|<div class="tabbed-block">', re.DOTALL)
TAB_LABEL = re.compile(r"<label[^>]*>(.*?)</label>", re.DOTALL)
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def french_number(value: float, form: str) -> str:
    """Écrit un nombre à la française. `form` : `%`, `% 2` (deux décimales), `entier`, `.3` (trois décimales)."""
    if form.startswith("%"):
        digits = int(form[1:] or 1)
        return f"{100 * value:.{digits}f}".replace(".", ",") + f"{NBSP}%"
    if form == "entier":
        return f"{round(value):,}".replace(",", THIN)
    return f"{value:.{int(form.lstrip('.'))}f}".replace(".", ",")


def french_date(text: str) -> str:
    """`2026-11-21` → `21 novembre 2026`."""
    day = date.fromisoformat(text)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def typeset(markdown: str) -> str:
    """Pose les espaces insécables du français, hors des blocs et du code ; montre les raisons des exemptions."""
    lines, fence = [], ""
    for line in markdown.splitlines():
        mark = re.match(r"\s*(`{3,})", line)
        if mark and not fence:
            fence = mark.group(1)
            if reason := re.search(r'data-pourquoi="([^"]*)"', line):
                title = f'title="Non exécuté : {reason.group(1)}"'
                line = line.replace('data-run="non"', f'{title} data-run="non"')
            elif line.strip() == f"{fence}text":
                line += ' title="Sortie"'
        elif mark and mark.group(1).startswith(fence) and line.strip() == mark.group(1):
            fence = ""
        elif not fence:
            parts = re.split(r"(<math.*?</math>|`+[^`]*`+|<[^>]*>)", line)
            for index in range(0, len(parts), 2):
                joint = JOINT if index else ""  # un code ou une balise précède : ce n'est pas un début de ligne
                for pattern, replacement in TYPOGRAPHY:
                    parts[index] = re.sub(pattern, replacement, joint + parts[index])[len(joint) :]
            line = PUNCTUATED_FORMULA.sub(r'<span class="insecable">\1\2</span>', "".join(parts))
        lines.append(line)
    return "\n".join(lines)


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


def define_env(env: Any) -> None:
    """Déclare les macros ; `env` est l'environnement de mkdocs-macros."""
    root = Path(env.project_dir)
    known = project.by_key(root)
    launched = [script for script in known.values() if script.name not in script.module_names]

    def relative(target: str) -> str:
        return str(get_relative_url(target, env.page.url))

    def entry(key: str) -> dict[str, Any]:
        if key not in known:
            raise KeyError(f"exemple inconnu : {key} ; choisir parmi {', '.join(known)}")
        return ledger.read(known[key])

    @env.macro
    def mesure(key: str, name: str, form: str = "%") -> str:
        """Nombre mesuré par l'exécution de `key`."""
        measures = entry(key)["measures"]
        if name not in measures:
            raise KeyError(f"{key} ne mesure pas {name} ; choisir parmi {', '.join(measures)}")
        text = french_number(measures[name], form)
        return f'<span class="mesure" data-script="{key}" data-mesure="{name}" data-form="{form}">{text}</span>'

    @env.macro
    def banc(path: str, form: str = ".1") -> str:
        """Nombre mesuré par `make bench` : `path` est son chemin pointé dans `tests/bench.json`."""
        text = french_number(project.bench_value(root, path), form)
        return f'<span class="mesure" data-banc="{path}" data-form="{form}">{text}</span>'

    @env.macro
    def duree(key: str) -> str:
        """Durée de la dernière exécution vérifiée, en secondes."""
        return f'<span class="mesure">{entry(key)["duration"]:.0f}{NBSP}s</span>'

    @env.macro
    def version(package: str) -> str:
        """Version d'un paquet, lue dans le verrou `requirements.txt`."""
        lock = (project.ROOT / "requirements.txt").read_text(encoding="utf-8")
        found = re.search(rf"^{re.escape(package)}==([^\s;]+)", lock, re.MULTILINE)
        if not found:
            raise KeyError(f"{package} n'est pas dans requirements.txt")
        return found.group(1)

    @env.macro
    def tampon(*keys: str) -> str:
        """Tampon discret : date, versions et durée des exécutions, script à télécharger."""
        stamps = []
        for key in keys:
            data, script = entry(key), known[key]
            packages = " · ".join(f"{n} {v}" for n, v in data["versions"].items())
            name = f"{script.example}_{script.name.removeprefix('with_')}.py"
            stamps.append(
                f'<p class="tampon" data-script="{key}"><span class="tampon-coche" aria-hidden="true">✓</span> '
                f"Vérifié le {french_date(data['date'])} en {data['duration']:.0f}{NBSP}s"
                f'<span class="tampon-versions"> · Python {data["python"]} · {html.escape(packages)}</span> · '
                f'<a href="{relative(f"snippets/{key}.py")}" download="{name}">télécharger le script complet</a> · '
                f'<a href="{relative("demarrer/verifie.html")}">ce que « vérifié » veut dire</a></p>'
            )
        return "".join(stamps)

    @env.macro
    def tampon_exemple(key: str) -> str:
        """Le même tampon, montré hors de sa leçon."""
        return f'<div class="tampon-exemple">{tampon(key)}</div>'

    @env.macro
    def figure(key: str, section: str, caption: str = "", rank: int = 1) -> str:
        """Figure produite par une section, en clair et en sombre ; texte alternatif du manifeste."""
        images, alt = [], known[key].manifest["figures"][section]
        for theme in ("light", "dark"):
            name = f"{section}-{rank}.{theme}.svg"
            path = known[key].outputs / name
            if not path.is_file():
                raise FileNotFoundError(f"{key} ne dessine pas {name}")
            size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', path.read_text(encoding="utf-8"))
            width, height = (round(float(s) * 4 / 3) for s in size.groups()) if size else (0, 0)
            images.append(
                f'<img src="{relative(f"snippets/{known[key].example}/outputs/{known[key].name}/{name}")}" '
                f'alt="{html.escape(alt)}" width="{width}" height="{height}" loading="lazy" class="only-{theme}">'
            )
        legend = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="figure" data-script="{key}" data-section="{section}">{"".join(images)}{legend}</figure>'

    @env.macro
    def artefact(key: str, name: str) -> str:
        """Lien de téléchargement d'un fichier écrit par l'exemple, avec le début de son empreinte."""
        digest = entry(key)["files"][name]
        path = relative(f"snippets/{known[key].example}/outputs/{known[key].name}/{name}")
        return f'<a href="{path}" download><code>{name}</code></a> (empreinte <code>{digest}</code>)'

    @env.macro
    def archive(example: str) -> str:
        """Lien de téléchargement d'un petit projet entier."""
        return f'<a href="{relative(f"snippets/{example}.zip")}" download><code>{example}.zip</code></a>'

    @env.macro
    def emporter(name: str, text: str) -> str:
        """Nom d'un fichier à emporter ; `takeaway.py` en fait un lien si le fichier existe."""
        return f'<span data-emporter="{name}" data-adresse="{relative(f"emporter/{name}")}">{text}</span>'

    @env.macro
    def formule(latex: str, block: bool = False) -> str:
        """Formule LaTeX rendue en MathML, lisible sans JavaScript et par un lecteur d'écran."""
        math = str(convert(latex, display="block" if block else "inline"))
        return math if block else f"<span>{math}</span>"  # en début de ligne, Markdown prendrait math pour un bloc

    @env.macro
    def quiz() -> str:
        """Questions de la page, lues dans `<page>.quiz.yml` ; réponses repliées, que `journey.js` rend interactives."""
        path = Path(env.page.file.abs_src_path).with_suffix(".quiz.yml")
        questions = yaml.load(env.render(path.read_text(encoding="utf-8")), Loader=yaml.CSafeLoader)
        parts = []
        for number, question in enumerate(questions, 1):
            choices = "".join(f"<li>{c['texte']}</li>" for c in question["choix"])
            answers = "".join(
                f"<li><strong>{'Juste' if c.get('juste') else 'Faux'}{NBSP}:</strong> "
                f'{c["texte"]} — <span class="quiz-explication">{c["explication"]}</span></li>'
                for c in question["choix"]
            )
            right = next(rank for rank, c in enumerate(question["choix"]) if c.get("juste"))
            parts.append(
                f'<section class="quiz" data-juste="{right}">'
                f'<p class="quiz-question"><strong>{number}.</strong> {question["question"]}</p>'
                f'<ol class="quiz-choix">{choices}</ol><details><summary>Voir la réponse {number}</summary>'
                f'<ol class="quiz-choix">{answers}</ol></details></section>'
            )
        return typeset("".join(parts))

    @env.macro
    def parcours() -> str:
        """Leçons du menu, par module, leurs questions et leurs exercices ; complété dans la page, hors recherche."""
        parts = []
        for module, lessons in lessons_by_module(root, env.conf["nav"]).items():
            items = "".join(
                f'<li data-lecon="{lesson.page}" data-questions="{lesson.questions}" '
                f'data-exercices="{" ".join(lesson.exercises)}">'
                f'<a href="{relative(f"{lesson.page}.html")}">{lesson.title}</a> <span>{lesson.work}</span></li>'
                for lesson in lessons
            )
            parts.append(f'## {module} {{ data-search-exclude }}\n\n<ul class="mon-parcours">{items}</ul>')
        return "\n\n".join(parts)

    @env.macro
    def glossaire() -> str:
        """Le glossaire entier : termes, mots anglais, définitions, leçon qui explique."""
        return typeset(glossary.definitions(root, relative))

    @env.macro
    def colab() -> str:
        """Lien qui ouvre dans Colab le carnet de la page, ou la marche à suivre si le dépôt n'est pas connu."""
        source = env.page.file.src_uri
        notebook = source if source.endswith(".ipynb") else source.replace(".md", "-carnet.ipynb")
        download = f'<a href="{relative(notebook)}" download>télécharger le carnet</a>'
        if slug := repository():
            url = f"https://colab.research.google.com/github/{slug}/blob/main/docs/{notebook}"
            return f'{download} · <a href="{url}">l’ouvrir dans Colab</a>'
        url = "https://colab.research.google.com/#create=false&upload=true"
        return f'{download}, puis <a href="{html.escape(url)}">l’importer dans Colab</a>'

    @env.macro
    def bilan() -> dict[str, Any]:
        """Chiffres de la preuve, comptés à la construction : blocs, lignes, scripts, versions, date."""
        blocks = pages.all_blocks(root)
        entries = [ledger.read(script) for script in launched]
        return {
            "blocs": french_number(sum(b.proven for b in blocks), "entier"),
            "exemptes": sum(b.kind == "exempt" for b in blocks),
            "scripts": len(entries),
            "lignes": french_number(sum(e["lines"] for e in entries), "entier"),
            "duree": sum(e["duration"] for e in entries),
            "date": french_date(max(e["date"] for e in entries)),
            "versions": {n: v for e in entries for n, v in e["versions"].items()},
            "python": sorted({e["python"] for e in entries}),
        }

    @env.macro
    def etat() -> str:
        """Tableau du registre : chaque exemple, ses versions, sa durée, son dernier résultat."""
        rows = []
        for script in launched:
            data = entry(script.key)
            versions = ", ".join(f"{n}{NBSP}{v}" for n, v in data["versions"].items())
            rows.append(
                f'<tr><th scope="row"><code>{script.key}</code><br>{html.escape(script.manifest["title"])}</th>'
                f"<td>{data['lines']}</td><td>{versions}</td><td>{data['duration']:.0f}{NBSP}s</td>"
                f"<td>réussi le {french_date(data['date'])}</td></tr>"
            )
        head = "".join(
            f'<th scope="col">{t}</th>' for t in ("Exemple", "Lignes exécutées", "Versions", "Durée", "Résultat")
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return f'<div class="etat" tabindex="0" role="region" aria-label="Registre des exemples">{table}</div>'

    @env.macro
    def canari() -> str:
        """Dernier passage hebdomadaire sur les versions les plus récentes, s'il est connu."""
        path = root / ".cache" / "canary.json"
        if not path.is_file():
            return "Aucun passage n’accompagne cette copie du cours : il n’est joint qu’au site publié."
        data = json.loads(path.read_text(encoding="utf-8"))
        versions = ", ".join(f"{n}{NBSP}{v}" for n, v in data["versions"].items())
        return f"Le {french_date(data['date'])} : <strong>{data['result']}</strong> avec {versions}."


def on_post_page_macros(env: Any) -> None:
    """Après les macros d'une page : bulles du glossaire, typographie et raisons des exemptions."""
    env.markdown = glossary.link_terms(env.markdown, env.page.file.src_uri, Path(env.project_dir))
    env.markdown = typeset(env.markdown)


def on_post_build(env: Any) -> None:
    """Joint au site les scripts et leurs figures, complète la recherche et allège les pages."""
    root, site = Path(env.project_dir), Path(env.conf["site_dir"])
    for script in project.sources(root):
        target = site / "snippets" / script.example
        (target / "outputs" / script.name).mkdir(parents=True, exist_ok=True)
        (target / f"{script.name}.py").write_text(script.source, encoding="utf-8", newline="\n")
        artefacts = [script.outputs / name for name in script.manifest.get("artefacts", [])]
        for path in [*script.outputs.glob("*.svg"), *artefacts]:
            shutil.copy(path, target / "outputs" / script.name)
    for script in project.scripts(root):
        if script.module_names:
            write_archive(script, site / "snippets" / f"{script.example}.zip")
    corrections = (site / "assets/search.js").read_text(encoding="utf-8")
    for worker in site.glob("assets/javascripts/workers/search.*.js"):
        worker.write_text(corrections + worker.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = name_tabs(PLAIN_TOKENS.sub(r"\1", TAB_HOOK.sub("", text)))
        page.write_text(text, encoding="utf-8", newline="\n")
    for script in project.scripts(root):
        if notebook := script.manifest.get("notebook"):
            slim_notebook(site / Path(notebook).with_suffix(".html"))


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


def slim_notebook(path: Path) -> None:
    """Retire d'une page de carnet les 590 Ko de styles et les scripts que mkdocs-jupyter y recopie, et ses figures."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")
    article = soup.find("article")
    if not isinstance(article, Tag):
        raise ValueError(f"{path} : page de carnet sans contenu")
    for node in article.find_all(["style", "script", "clipboard-copy"]) + article.select(".clipboard-copy-txt"):
        node.decompose()
    for number, image in enumerate(article.select(".jp-OutputArea img"), 1):
        image["loading"] = "lazy"
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
    path.write_text(str(soup), encoding="utf-8")
