"""Nombres de la prose : ceux d'une mesure viennent d'une macro ; les autres sont déclarés, avec leur raison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from proof.french import SOURCES, prose
from proof.ledger import readable
from proof.project import Fault, Script

# Blancs insécables compris : un nombre tapé avec eux reste un nombre tapé.
TYPED = re.compile(
    r"\d[\d\xa0\u202f ]*,\d+(?:[\xa0\u202f ]%)?|\d[\d\xa0\u202f ]*%"
    r"|\d[\d\xa0\u202f ]*[\xa0\u202f ](?:paramètres|poids|images|erreurs|lignes|requêtes|points?|fois"
    r"|minutes|(?:milli|micro)?secondes|s|ms|µs|octets|Ko|Mo|Go)\b(?!')"
)
SHORT_REASON = 8
THOUSANDS = re.compile(r"(?<=\d)[_\xa0\u202f ](?=\d{3})")


def visible(source: str) -> str:
    """La source, où le code en ligne et l'en-tête se lisent comme de la prose s'ils contiennent un nombre."""
    source = re.sub(r"(?<!`)`([^`\n]+)`(?!`)", lambda code: code[1] if TYPED.search(code[1]) else code[0], source)
    source = re.sub(r"</?(?:kbd|var)>", "", source)
    return re.sub(r"\A---\n(description: .*)\n", r"\1\n---\n", source)


def typed(source: str) -> Iterator[tuple[int, str]]:
    """Ligne et texte de chaque nombre tapé dans la prose, la description et le code en ligne d'une source Markdown."""
    for line, words in prose(visible(source)):
        for found in TYPED.finditer(words):
            yield line, found.group(0)


def line_of(text: str, words: str) -> int:
    """Première ligne de `text` où se lit `words` ; 1 si elle n'y est pas, parce qu'une macro l'a écrite."""
    return next((number for number, line in enumerate(text.split("\n"), 1) if words in line), 1)


def check_numbers(path: Path, root: Path) -> list[Fault]:
    """Refuse « 97,1 % », « 101 770 paramètres »… tapés dans une page ou dans son quiz.

    Les nombres légitimes (constantes, définitions, données d'une question) sont déclarés dans l'en-tête de la page :
    `nombres:`, texte → raison.
    """
    text = path.read_text(encoding="utf-8")
    header = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    allowed = (yaml.safe_load(header.group(1)) or {}).get("nombres", {}) if header else {}
    page = path.relative_to(root).as_posix()
    found = [(f"{page}:{line}", number) for line, number in typed(text)]
    for data in (path.with_suffix(".quiz.yml"), path.with_suffix(".yml")):
        if data.is_file():
            text_of = re.sub(r"(texte|question|explication): (?=\S+$)", r"\1: ¤ ", data.read_text("utf-8"), flags=re.M)
            words = SOURCES["docs/**/*.yml"](text_of)
            where = data.relative_to(root).as_posix()
            found += [(f"{where}:{line}", number) for line, number in typed(words)]
    mend = f"employer la macro mesure(), ou déclarer nombres: avec sa raison dans l'en-tête de {page}"
    faults = [
        Fault(where, f"nombre tapé à la main : « {number} »", mend) for where, number in found if number not in allowed
    ]
    used = {number for _, number in found}
    for number, reason in allowed.items():
        where = f"{page}:{line_of(text, number)}"
        if number not in used:
            faults.append(Fault(where, f"nombre déclaré mais absent : « {number} »", "le retirer de nombres:"))
        elif len(str(reason)) < SHORT_REASON:
            faults.append(Fault(where, f"« {number} » déclaré sans vraie raison", "dire d'où vient ce nombre"))
    return faults


def values(text: str) -> set[float]:
    """Nombres d'un texte, à la française ou à l'anglaise."""
    return {float(n.replace(",", ".")) for n in re.findall(r"\d+(?:[.,]\d+)?", THOUSANDS.sub("", text))}


def published_texts(script: Script) -> list[str]:
    """Ce que le manifeste publie : titre, textes alternatifs, introduction et titres du carnet."""
    manifest = script.manifest
    figures, sections = manifest.get("figures", {}), manifest.get("sections", {})
    return [manifest["title"], *figures.values(), *sections.values(), manifest.get("notebook_intro", "")]


def check_titles(script: Script) -> list[Fault]:
    """Les nombres du titre et des textes alternatifs d'un exemple sont dans son script, ou dans ses sorties."""
    path = script.path.parent / "example.toml"
    outputs = [p for p in sorted(script.outputs.glob("*.*")) if p.suffix in (".txt", ".svg")]
    known = set().union(values(script.source), *(values(readable(p)) for p in outputs))
    return [
        Fault(
            f"{path.relative_to(script.root).as_posix()}:{line_of(path.read_text(encoding='utf-8'), number)}",
            f"« {number} » n'est ni dans {script.key} ni dans ses sorties",
            "le retirer de ce texte, ou le reprendre de l'exécution",
        )
        for text in published_texts(script)
        for _, number in typed(text)
        if values(number) - known
    ]
