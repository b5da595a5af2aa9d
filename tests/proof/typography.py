"""Typographie française : nombres, dates, espaces insécables."""

from __future__ import annotations

import re
from datetime import date

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
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def french_number(value: float, form: str) -> str:
    """Écrit un nombre à la française, avec le vrai signe moins.

    `form` : `%`, `% 2` (deux décimales), `points` (ce que gagne une exactitude), `entier`, `.3` (trois décimales).
    ValueError pour un écart négatif en points : la phrase dit « gagne » ou « perd », et se lirait à l'envers.
    """
    if form == "points":
        if value < 0:
            raise ValueError(
                f"écart de {100 * value:.1f} point : la phrase qui l'annonce dit le contraire ; la récrire"
            )
        number = f"{100 * value:.1f}{NBSP}point{'s' if value >= 0.02 else ''}"
    elif form.startswith("%"):
        number = f"{100 * value:.{int(form[1:] or 1)}f}{NBSP}%"
    elif form == "entier":
        return f"{round(value):,}".replace(",", THIN).replace("-", "−")
    else:
        number = f"{value:.{int(form.lstrip('.'))}f}"
    return number.replace(".", ",").replace("-", "−")


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
