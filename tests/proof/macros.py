"""Macros des pages : nombres, tampons, figures et formules, tirés du registre ; chargé par mkdocs-macros."""

from __future__ import annotations

import html
import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from latex2mathml.converter import convert
from mkdocs.utils import get_relative_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from proof import glossary, inline, ledger, pages, project, publish
from proof.lessons import lessons_by_module, turned
from proof.publish import ANSWERS, ASSIGNMENT, PYODIDE, PYODIDE_FILES, notebook_links
from proof.typography import NBSP, french_date, french_number, typeset

# L'énoncé d'un exercice, tel qu'une page l'inclut.
STARTER = re.compile(r'^```python\n--8<-- "(\w+)/outputs/(\w+)/starter\.py"\n```$', re.MULTILINE)
LIBRARIES = {"numpy": "NumPy", "sklearn": "scikit-learn"}


def add_exercise_tools(markdown: str, page: Any, root: Path) -> str:
    """Sous chaque énoncé : le carnet du dossier et, si la bibliothèque standard suffit, de quoi répondre dans la page.

    Sans NumPy dans le paquet npm de Pyodide, un exercice qui l'emploie ne se fait pas dans la page.
    """
    package = root / PYODIDE / "package.json"
    python = ""
    if package.is_file():
        weight = sum((root / PYODIDE / name).stat().st_size for name in PYODIDE_FILES)
        version = json.loads(package.read_text(encoding="utf-8"))["version"]
        python = f' data-pyodide="{version}" data-poids="{math.ceil(weight / 1e6)}"'
    notebook = f"{page.file.src_uri.rpartition('/')[0]}/{ASSIGNMENT}"
    links = notebook_links(notebook, get_relative_url(notebook, page.url))
    scripts = [f'<script src="{get_relative_url("assets/exercise.js", page.url)}" defer></script>']

    def tools(found: re.Match[str]) -> str:
        exercise = project.Script(root, found.group(1), found.group(2))
        outside = sorted(project.imported_modules(exercise.source) - sys.stdlib_module_names)
        names = " et ".join(LIBRARIES.get(name, name) for name in outside)
        text = f"Cet exercice est aussi dans le carnet du module ({links})."
        if outside:
            text = f"Cet exercice emploie {names} : faites-le chez vous, ou dans le carnet du module ({links})."
        attributes = f'data-exercice="{exercise.example}"' + ("" if outside else f" data-page{python}")
        script = scripts.pop() if scripts else ""  # une fois par page
        return f'{found.group()}\n\n<div class="exercice" {attributes}><p>{text}</p></div>{script}'

    return STARTER.sub(tools, markdown)


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
            (when, versions), script = ledger.stamp(entry(key)), known[key]
            name = f"{script.example}_{script.name.removeprefix('with_')}.py"
            stamps.append(
                f'<p class="tampon" data-script="{key}"><span class="tampon-coche" aria-hidden="true">✓</span> '
                f'{when}<span class="tampon-versions">{html.escape(versions)}</span> · '
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
            turn = turned(question["choix"], path.stem, number)
            choices = "".join(f"<li>{c['texte']}</li>" for c in turn)
            answers = "".join(
                f"<li><strong>{'Juste' if c.get('juste') else 'Faux'}{NBSP}:</strong> "
                f'{c["texte"]} — <span class="quiz-explication">{c["explication"]}</span></li>'
                for c in turn
            )
            right = next(rank for rank, c in enumerate(turn) if c.get("juste"))
            parts.append(
                f'<section class="quiz" data-juste="{right}">'
                f'<p class="quiz-question"><strong>{number}.</strong> {question["question"]}</p>'
                f'<ol class="quiz-choix">{choices}</ol><details><summary>Voir la réponse {number}</summary>'
                f'<ol class="quiz-choix">{answers}</ol></details></section>'
            )
        return typeset("".join(parts))

    @env.macro
    def demo(name: str, title: str, sentence: str, data: tuple[str, ...] = (), caller: Callable[[], str] = str) -> str:
        """Démo dans la page, autour de l'image fixe que donne le corps de l'appel (`{% call demo(…) %}…{% endcall %}`).

        `name` : le script `overrides/assets/demos/<name>.js`, et son style `<name>.css` s'il en a un, que `course.js`
        lance à l'approche de l'écran ; `data` : fichiers JSON qu'il reçoit, nommés `exemple/script/fichier.json`.
        """
        script = root / "overrides/assets/demos" / f"{name}.js"
        if not script.is_file():
            raise FileNotFoundError(f"démo sans script : écrire {script.relative_to(root).as_posix()}")
        still = caller().strip()
        if "<svg" not in still and "<img" not in still:
            raise ValueError(f"démo {name} sans image fixe : en placer une dans le corps de l'appel")
        files = [relative(f"assets/demos/{name}.css")] if script.with_suffix(".css").is_file() else []
        for path in data:
            key, _, file = path.rpartition("/")
            if file not in known[key].manifest.get("artefacts", []):
                raise KeyError(f"{key} ne déclare pas {file} dans artefacts")
            files.append(relative(f"snippets/{known[key].example}/outputs/{known[key].name}/{file}.js"))
        return (
            f'<section class="demo" data-demo="{name}" data-fichiers="{" ".join(files)}" aria-labelledby="demo-{name}">'
            f'<p class="demo-titre" id="demo-{name}">{title}</p><p class="demo-phrase">{sentence}</p>'
            f'<div class="demo-image">{still}<p>La démo demande JavaScript ; '
            "cette image en montre l'essentiel.</p></div></section>"
        )

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
        return notebook_links(notebook, relative(notebook))

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
    """Après les macros d'une page : bulles du glossaire, exercices, typographie et raisons des exemptions."""
    root, source = Path(env.project_dir), env.page.file.src_uri
    link = f'<a href="{get_relative_url("demarrer/verifie.html", env.page.url)}">ce que « vérifié » veut dire</a>'
    env.markdown = inline.add_stamp(env.markdown, source, root, link)
    env.markdown = glossary.link_terms(env.markdown, source, root)
    if source.endswith(ANSWERS):
        env.page.meta["search"] = {"exclude": True}  # la recherche mène aux leçons, qui disent la même chose
    env.markdown = add_exercise_tools(env.markdown, env.page, root)
    env.markdown = typeset(env.markdown)


def on_post_build(env: Any) -> None:
    """Le site est construit : complète ses fichiers."""
    publish.finish(Path(env.project_dir), Path(env.conf["site_dir"]))
