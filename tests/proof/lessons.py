"""Gabarit d'une leçon : ce qu'un lecteur doit trouver sur chaque page de module, et dans son quiz."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from proof.project import Fault

SHEET = ("**Durée**", "**Mis à jour**", "**Objectifs**", "**Prérequis**")
ENDING = ("## À retenir", "## Quiz", "## Exercice", "## Suite")
QUESTIONS, CHOICES = 5, 3
EXERCISE = re.compile(r"\b\w+_exercise(?:_\d+)?\b")
INVISIBLE = re.compile(r"<[^>]+>|\{\{.*?\}\}")


@dataclass(frozen=True)
class Lesson:
    """Une leçon du menu : son titre, sa page sans extension, son nombre de questions, ses exercices."""

    title: str
    page: str
    questions: int
    exercises: list[str]

    @property
    def work(self) -> str:
        """Ce qu'il y a à y faire : « quiz de 5 questions · 2 exercices »."""
        count = len(self.exercises)
        exercises = f" · {count} exercice{'s' if count > 1 else ''}" if count else ""
        return f"quiz de {self.questions} questions{exercises}"


def lessons_by_module(root: Path, nav: list[dict[str, Any]]) -> dict[str, list[Lesson]]:
    """Leçons (les pages qui ont un quiz) de chaque partie du menu `nav`, dans l'ordre du menu."""
    modules: dict[str, list[Lesson]] = {}
    for part in nav:
        for module, entries in part.items():
            for entry in entries if isinstance(entries, list) else []:
                for title, source in entry.items():
                    page = root / "docs" / source
                    quiz = page.with_suffix(".quiz.yml")
                    if not quiz.is_file():
                        continue
                    count = len(re.findall(r"^- question:", quiz.read_text(encoding="utf-8"), re.MULTILINE))
                    exercises = sorted(set(EXERCISE.findall(page.read_text(encoding="utf-8"))))
                    name = source.removesuffix(".md")
                    modules.setdefault(module, []).append(Lesson(title, name, count, exercises))
    return modules


def is_lesson(path: Path, root: Path) -> bool:
    """La page est-elle une leçon d'un module ?"""
    return path.relative_to(root).parts[:2][-1].startswith("module-")


def check_lesson(path: Path, root: Path) -> list[Fault]:
    """Défauts de gabarit d'une leçon : fiche, figure, fin de page, quiz ; d'une autre page, son quiz s'il y en a un."""
    if not is_lesson(path, root):
        quiz = path.with_suffix(".quiz.yml")
        return check_quiz(quiz, root) if quiz.is_file() else []
    where, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
    faults = [
        Fault(f"{where}:1", f"fiche de leçon sans {part}", 'compléter le bloc <div class="fiche" markdown>')
        for part in SHEET
        if part not in text
    ]
    if "<svg" not in text and "{{ figure(" not in text:
        faults.append(Fault(f"{where}:1", "leçon sans figure", "dessiner un SVG, ou montrer une figure d'un exemple"))
    positions = [text.find(f"\n{title}") for title in ENDING]
    missing = [title for title, position in zip(ENDING, positions, strict=True) if position < 0]
    if missing:
        faults.append(Fault(f"{where}:1", f"leçon sans {', '.join(missing)}", "suivre le gabarit de la leçon MNIST"))
    elif positions != sorted(positions):
        faults.append(Fault(f"{where}:1", "fin de leçon en désordre", f"dans l'ordre : {', '.join(ENDING)}"))
    return faults + check_quiz(path.with_suffix(".quiz.yml"), root)


def check_quiz(path: Path, root: Path) -> list[Fault]:
    """Défauts d'un quiz : trop court, choix sans explication, pas une seule bonne réponse, ou qui se devine."""
    where = path.relative_to(root).as_posix()
    if not path.is_file():
        return [Fault(f"{where}:1", "leçon sans quiz", "écrire ce fichier sur le modèle d'une autre leçon")]
    source = path.read_text(encoding="utf-8")
    questions: list[dict[str, Any]] = yaml.safe_load(source) or []
    faults = []
    if len(questions) < QUESTIONS:
        faults.append(Fault(f"{where}:1", f"{len(questions)} questions", f"en écrire au moins {QUESTIONS}"))
    lines = [source[: found.start()].count("\n") + 1 for found in re.finditer(r"^- question:", source, re.MULTILINE)]
    for line, question in zip(lines, questions, strict=False):
        choices = question.get("choix", [])
        if len(choices) < CHOICES:
            faults.append(Fault(f"{where}:{line}", f"{len(choices)} choix", f"en proposer au moins {CHOICES}"))
        if sum(bool(choice.get("juste")) for choice in choices) != 1:
            faults.append(Fault(f"{where}:{line}", "il faut une seule bonne réponse", "marquer un choix juste: true"))
        if not all(choice.get("explication") for choice in choices):
            faults.append(Fault(f"{where}:{line}", "choix sans explication", "expliquer chaque choix, juste ou faux"))
    longest = sum(stands_out(question.get("choix", [])) for question in questions)
    if longest * 2 > len(questions):
        what = f"la bonne réponse est la plus longue {longest} fois sur {len(questions)}, le quiz se devine"
        mend = "déplacer ses détails dans l'explication, ou rendre un choix faux aussi complet qu'elle"
        faults.append(Fault(f"{where}:1", what, mend))
    return faults


def stands_out(choices: list[dict[str, Any]]) -> bool:
    """Le choix juste est-il plus long, sans ses balises ni ses macros, que chacun des choix faux ?"""
    sizes = [(len(INVISIBLE.sub("", str(choice["texte"]))), bool(choice.get("juste"))) for choice in choices]
    others = [size for size, right in sizes if not right]
    return any(right and size > max(others, default=size) for size, right in sizes)
