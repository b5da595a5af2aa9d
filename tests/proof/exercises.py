"""Exercices : pour chaque module, un carnet d'énoncés et un carnet corrigé, tirés des pages et des solutions."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from proof import notebook
from proof.macros import STARTER
from proof.project import Fault, Script, by_key, sha256
from proof.publish import ANSWERS, ASSIGNMENT
from proof.runner import TIME_LIMIT, RunFailure, cache_key, sandbox_environment, stderr_lines
from proof.typography import typeset

NAV = re.compile(r"^nav:\n(?:[ ]+.*\n)+", re.MULTILINE)
FORMULA = re.compile(r'\{\{ formule\("([^"]*)"\) \}\}')
RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
INTRODUCTION = {
    ASSIGNMENT: """# Exercices · {title}

Complétez les fonctions marquées « À vous de jouer », puis lancez la cellule de tests qui suit. Elle se tait si tout est
juste ; sinon, elle dit quel test échoue.

Chaque exercice se suffit à lui-même : commencez par celui que vous voulez. {count} exercices vous attendent ici.""",
    ANSWERS: """# Corrigé des exercices · {title}

{count} exercices, et une solution pour chacun. Ce carnet a été exécuté de bout en bout avant d'être publié ; les tests
que vous lisez y passent tous. D'autres solutions conviennent : ce sont les tests qui jugent.""",
}
RED = "raises-exception"  # étiquette qui laisse nbclient continuer après une erreur


@dataclass(frozen=True)
class Exercise:
    """Un exercice : sa solution, le titre de la leçon qui le montre, et ce qu'elle y demande (Markdown)."""

    script: Script
    lesson: str
    statement: str


@dataclass(frozen=True)
class Module:
    """Les exercices d'un dossier de `docs/`, dans l'ordre du menu, et le titre que le menu lui donne."""

    root: Path
    folder: str
    title: str
    exercises: tuple[Exercise, ...]

    def path(self, name: str) -> Path:
        """Fichier d'un de ses deux carnets."""
        return self.root / "docs" / self.folder / name


def menu(root: Path) -> dict[str, str]:
    """Pages du menu, dans l'ordre : chemin dans `docs/` → titre du groupe. Sans menu, toutes les pages."""
    found = NAV.search((root / "mkdocs.yml").read_text(encoding="utf-8"))
    if found is None:
        pages = [path.relative_to(root / "docs") for path in sorted((root / "docs").rglob("*.md"))]
        return {page.as_posix(): page.parent.name for page in pages}
    groups = [group for group in yaml.safe_load(found.group())["nav"] if isinstance(next(iter(group.values())), list)]
    return {
        page: title
        for group in groups
        for title, entries in group.items()
        for entry in entries
        for page in entry.values()
        if page.endswith(".md")
    }


def statement(before: str) -> str:
    """Ce que demande un exercice : les derniers paragraphes avant son bloc, jusqu'au titre ou à l'exercice d'avant."""
    kept: list[str] = []
    for paragraph in reversed(re.split(r"\n{2,}", before.strip("\n"))):
        if paragraph.startswith(("#", "    ", "???", "{{ tampon")):
            break
        if not paragraph.startswith("```"):
            kept.insert(0, paragraph)
    text = FORMULA.sub(lambda found: "$" + found.group(1).replace("\\\\", "\\") + "$", "\n\n".join(kept))
    text = re.sub(r"^\*\*\d+\. ", "**", text)  # numéro dans la page : celui du carnet diffère
    return typeset(RELATIVE_LINK.sub(r"\1", text))


def modules(root: Path) -> list[Module]:
    """Dossiers de `docs/` dont une page au moins montre un exercice, dans l'ordre du menu."""
    known, found, titles = by_key(root), dict[str, list[Exercise]](), dict[str, str]()
    for page, title in menu(root).items():
        text = (root / "docs" / page).read_text(encoding="utf-8")
        for block in STARTER.finditer(text):
            script = known.get("/".join(block.groups()))
            if script is None:
                continue  # inclusion inconnue : pages.py le dit
            lesson = re.search(r"^# (.+?)(?: \{.*\})?$", text, re.MULTILINE)
            folder = page.rpartition("/")[0]
            exercise = Exercise(script, lesson.group(1) if lesson else page, statement(text[: block.start()]))
            found.setdefault(folder, []).append(exercise)
            titles[folder] = title
    return [Module(root, folder, titles[folder], tuple(exercises)) for folder, exercises in found.items()]


def generate(module: Module, name: str) -> Any:
    """Carnet sans sortie, énoncé (`ASSIGNMENT`) ou corrigé (`ANSWERS`) : une cellule par section de chaque solution.

    Lève ValueError si un énoncé emploie une macro qu'un carnet ne sait pas rendre.
    """
    text = INTRODUCTION[name].format(title=module.title, count=len(module.exercises))
    cells = [nbformat.v4.new_markdown_cell(typeset(text), id="introduction")]
    for number, exercise in enumerate(module.exercises, 1):
        script = exercise.script
        if "{{" in exercise.statement:
            raise ValueError(f"{script.key} : seule la macro formule() est permise dans un énoncé d'exercice")
        title = script.manifest["title"].removeprefix("Exercice : ")
        text = f"## {number}. {title[0].upper()}{title[1:]}\n\n*Leçon : {exercise.lesson}.*"
        cells.append(nbformat.v4.new_markdown_cell(f"{typeset(text)}\n\n{exercise.statement}", id=script.example))
        for section in script.sections:
            code = script.section_text(section)
            if name == ASSIGNMENT:
                code = script.hollow(code).strip("\n")
            cells.append(nbformat.v4.new_code_cell(code, id=f"{script.example}-{section}"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def execute(module: Module) -> Any:
    """Corrigé exécuté dans un noyau neuf, où tout passe ; puis, mémoire vidée, l'énoncé, dont chaque exercice échoue.

    Lève RunFailure si une solution échoue, ou si les tests d'un énoncé vide n'échouent pas par AssertionError.
    """
    answers, assignment = generate(module, ANSWERS), generate(module, ASSIGNMENT)
    n_answers = len(answers.cells)
    for cell in assignment.cells:
        cell.id = f"enonce-{cell.id}"[:64]
        cell.metadata["tags"] = [RED]
    both = nbformat.v4.new_notebook(
        cells=[*answers.cells, nbformat.v4.new_code_cell("%reset -f", id="oublier"), *assignment.cells],
        metadata=answers.metadata,
    )
    where = module.path(ANSWERS).relative_to(module.root).as_posix()
    with tempfile.TemporaryDirectory(prefix="carnet-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "work").mkdir()
        data = sorted({name for exercise in module.exercises for name in exercise.script.manifest.get("data", [])})
        client = NotebookClient(
            both,
            timeout=TIME_LIMIT,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--InteractiveShell.ast_node_interactivity=none"],
            resources={"metadata": {"path": str(folder / "work")}},
        )
        try:
            client.execute(env=sandbox_environment(folder, data))
        except CellExecutionError as error:
            raise RunFailure(f"{where}:1 : {error}") from error
        if (log := folder / "network.log").is_file():
            raise RunFailure(f"{where}:1 : connexion à {log.read_text(encoding='utf-8').strip()}")
    check_red(module, both.cells[n_answers + 1 :])
    answers.cells, answers.metadata = both.cells[:n_answers], both.metadata
    for cell in answers.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr" and stderr_lines(output["text"]):
                raise RunFailure(f"{where}:1 : avertissement dans la cellule {cell.id} :\n{output['text']}")
    return answers


def check_red(module: Module, cells: list[Any]) -> None:
    """Lève RunFailure si un énoncé vide réussit, ou échoue autrement que par un de ses tests."""
    for exercise in module.exercises:
        example = exercise.script.example
        own = [c for c in cells if c.id.startswith(f"enonce-{example}-"[:64]) and c.cell_type == "code"]
        errors = [out.ename for cell in own for out in cell.outputs if out.output_type == "error"]
        if set(errors) != {"AssertionError"}:
            raise RunFailure(
                f"snippets/{example}/{exercise.script.name}.py:1 : l'énoncé vide donne {errors or 'aucune erreur'}\n"
                "    Pour réparer : écrire un test qui exige la réponse, et qui échoue par assert"
            )


def run(module: Module, use_cache: bool = True) -> Any:
    """Corrigé exécuté, ou repris d'un succès en cache."""
    parts = [Path(__file__).read_bytes(), *(cache_key(exercise.script).encode() for exercise in module.exercises)]
    parts += [nbformat.writes(generate(module, name)).encode() for name in (ASSIGNMENT, ANSWERS)]
    kept = module.root / ".cache/proof" / f"exercices-{module.folder.replace('/', '-')}-{sha256(*parts)[:20]}.ipynb"
    if use_cache and kept.is_file():
        return nbformat.read(kept, as_version=4)
    notebook = execute(module)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return notebook


def write(module: Module, executed: Any) -> None:
    """Publie les deux carnets : l'énoncé, sans sortie, et le corrigé exécuté."""
    for name, content in ((ASSIGNMENT, generate(module, ASSIGNMENT)), (ANSWERS, executed)):
        notebook.save(module.path(name), content)


def published(root: Path) -> dict[Path, set[str]]:
    """Fichiers que les exercices publient dans `docs/`, chacun avec les textes de ses cellules de code."""
    return {
        module.path(name): {cell.source for cell in generate(module, name).cells if cell.cell_type == "code"}
        for module in modules(root)
        for name in (ASSIGNMENT, ANSWERS)
    }


def check_fresh(root: Path) -> list[Fault]:
    """Sans exécuter : les carnets publiés ont-ils les cellules que donnent les sources, et aucune erreur ?"""
    faults = []
    for module in modules(root):
        for name in (ASSIGNMENT, ANSWERS):
            path = module.path(name)
            where = f"{path.relative_to(root).as_posix()}:1"
            if not path.is_file():
                faults.append(Fault(where, "carnet absent", "lancer make outputs"))
                continue
            found = nbformat.read(path, as_version=4)
            cells = [(cell.id, cell.source) for cell in found.cells]
            if cells != [(cell.id, cell.source) for cell in generate(module, name).cells]:
                faults.append(
                    Fault(where, "le carnet n'est plus celui que donnent les exercices", "lancer make outputs")
                )
            faults += notebook.check_outputs(found, where)
            if name == ASSIGNMENT and any(map(notebook.outputs, found.cells)):
                faults.append(Fault(where, "sortie dans un énoncé", "lancer make outputs"))
    return faults


def compare(module: Module, fresh: Any) -> list[Fault]:
    """Différences entre les sorties du corrigé publié et une nouvelle exécution, aux tolérances des manifestes."""
    path = module.path(ANSWERS)
    where = f"{path.relative_to(module.root).as_posix()}:1"
    faults = []
    if not path.is_file():
        return [Fault(where, "carnet absent", "lancer make outputs")]
    old, new = ({cell.id: cell for cell in one.cells} for one in (nbformat.read(path, 4), fresh))
    if old.keys() != new.keys():
        return [Fault(where, "le carnet n'est plus celui que donnent les exercices", "lancer make outputs")]
    for exercise in module.exercises:
        for section in exercise.script.sections:
            name = f"{exercise.script.example}-{section}"
            tolerance = exercise.script.manifest.get("tolerances", {}).get(section, 0)
            if change := notebook.cells_differ(old[name], new[name], tolerance):
                faults.append(Fault(where, f"cellule {name} : {change}", "lancer make outputs"))
    return faults
