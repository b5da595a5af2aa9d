"""Glossaire : une source, `docs/ressources/glossaire.yml`, pour la page du glossaire et les bulles des leçons.

Une entrée : `terme`, `definition`, `lecon` (page qui l'explique), et si besoin `anglais`, `formes` (le pluriel), et
`sauf` : des tournures où le mot a un autre sens (« double précision »), que les bulles laissent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, relpath
from typing import Any

import yaml

from proof.project import Fault

PAGE = "ressources/glossaire.md"
# Hors de la prose : formule, code, balise, lien ou image, mot anglais en italique.
NOT_PROSE = re.compile(
    r"(<math.*?</math>|`+[^`]*`+|<[^>]*>|!?\[[^\]]*\](?:\([^)]*\))?(?:\{[^}]*\})?|(?<!\*)\*[^*\s][^*]*\*(?!\*))"
)
# Lignes que l'on laisse : HTML, titre, tableau, encadré, onglet, case à cocher.
LEFT_ALONE = re.compile(r"\s*(?:<|#|\||[!?]{3}|===|- <label>)")


def entries(root: Path) -> list[dict[str, Any]]:
    """Entrées du glossaire, par ordre alphabétique."""
    text = (root / "docs/ressources/glossaire.yml").read_text(encoding="utf-8")
    found = yaml.load(text, Loader=yaml.CSafeLoader)  # même lecture que safe_load, dix fois plus rapide
    return sorted(found, key=lambda entry: anchor(entry["terme"]))


def anchor(term: str) -> str:
    """`taux d'apprentissage` → `taux-d-apprentissage` : identifiant du terme dans la page."""
    plain = unicodedata.normalize("NFD", term.lower().replace("œ", "oe")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def title_of(page: Path) -> str:
    """Titre d'une page Markdown."""
    found = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise ValueError(f"{page} : page sans titre ; commencer par « # Titre »")
    return found.group(1)


def check_glossary_entries(root: Path) -> list[Fault]:
    """Défauts du glossaire : leçon absente, forme donnée deux fois, définition qui casserait sa bulle."""
    faults, seen = [], set()
    where = "docs/ressources/glossaire.yml:1"
    for entry in entries(root):
        name = entry["terme"]
        if not (root / "docs" / entry["lecon"]).is_file():
            faults.append(Fault(where, f"« {name} » renvoie à {entry['lecon']}, absente", "corriger lecon"))
        if '"' in entry["definition"]:
            faults.append(Fault(where, f"« {name} » : guillemet droit", "employer « » dans la définition"))
        for form in [name, *entry.get("formes", [])]:
            if form.lower() in seen:
                faults.append(Fault(where, f"« {form} » est défini deux fois", "n'en garder qu'une entrée"))
            seen.add(form.lower())
    return faults


def definitions(root: Path, relative: Callable[[str], str]) -> str:
    """Liste de définitions en HTML ; `relative` donne l'adresse d'une page vue du glossaire."""
    parts = []
    for entry in entries(root):
        english = f' (<em lang="en">{entry["anglais"]}</em>)' if entry.get("anglais") else ""
        lesson = relative(entry["lecon"].replace(".md", ".html"))
        parts.append(
            f'<dt id="{anchor(entry["terme"])}">{entry["terme"]}{english}</dt>\n'
            f'<dd>{entry["definition"]} <a href="{lesson}">{title_of(root / "docs" / entry["lecon"])}</a></dd>'
        )
    # Sans ces retours à la ligne, le résultat d'une recherche collerait les mots les uns aux autres.
    return '<dl class="glossaire">' + "\n".join(parts) + "</dl>"


def link_terms(markdown: str, source: str, root: Path) -> str:
    """Fait de la première apparition de chaque terme, dans la prose, un lien vers sa définition, montrée en bulle.

    `source` est le chemin de la page dans `docs/`. Titres, code, liens et lignes de HTML restent tels quels.
    """
    if source == PAGE or not source.endswith(".md"):
        return markdown
    glossary = relpath(PAGE, dirname(source) or ".")
    found = entries(root)
    forms = {form.lower(): (form, entry) for entry in found for form in [entry["terme"], *entry.get("formes", [])]}
    others = [phrase for entry in found for phrase in entry.get("sauf", [])]
    words = "|".join(re.escape(form) for form in sorted([*forms, *others], key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])({words})(?![\w-])", re.IGNORECASE)
    seen: set[str] = set()

    def link(match: re.Match[str]) -> str:
        form, entry = forms.get(match.group(0).lower(), ("", {"terme": ""}))
        acronym = form[1:] != form[1:].lower()  # « relu » n'est pas ReLU
        if not form or entry["terme"] in seen or (acronym and match.group(0) != form):
            return match.group(0)
        seen.add(entry["terme"])
        return f'[{match.group(0)}]({glossary}#{anchor(entry["terme"])} "{entry["definition"]}"){{ .terme }}'

    lines, fence = [], ""
    for line in markdown.splitlines():
        mark = re.match(r"\s*(`{3,})", line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and line.strip() == fence:
            fence = ""
        elif not fence and not LEFT_ALONE.match(line):
            parts = NOT_PROSE.split(line)
            parts[::2] = [pattern.sub(link, part) for part in parts[::2]]
            line = "".join(parts)
        lines.append(line)
    return "\n".join(lines)
