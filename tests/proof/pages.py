"""Blocs de code des pages : extraits par pytest-codeblocks, puis rattachés chacun à ce qui l'a prouvé."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from pytest_codeblocks.main import CodeBlock, extract_from_buffer

from proof.project import ROOT, Fault, Script, by_key

# Langages montrés pour être lus, jamais exécutés : données et balisage.
DATA_LANGUAGES = {"toml", "yaml", "json", "html", "css"}
# Langages d'un fichier entier d'un petit projet, montré tel qu'il est livré ; les tests du projet l'emploient.
FILE_LANGUAGES = DATA_LANGUAGES | {"dockerfile", "javascript", "sh", "text"}
# Dossier des réponses que `test_api_page.py` compare toutes à celles du vrai serveur.
ANSWERS = "api_clients/answers"
# Langages exécutables ; `text` n'est permis que pour une sortie enregistrée.
CODE_LANGUAGES = {"python", "sh", "text", "powershell"}
INCLUDE = re.compile(r'^--8<-- "([^"]*)"$')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
LIST_FENCE = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:`{3}|~{3})")
SHORT_REASON = 20


@dataclass(frozen=True)
class Block:
    """Un bloc de code tel qu'il est écrit dans une page.

    `kind` : section, output (sortie d'une section), starter (énoncé d'exercice), inline (Python écrit dans la
    page), shell, file (fichier entier d'un petit projet) ou exempt.
    """

    page: str
    line: int
    language: str
    attributes: dict[str, str]
    kind: str
    code: str
    script: Script | None = None
    section: str = ""
    file: Path | None = None
    faults: tuple[Fault, ...] = field(default=())

    @property
    def where(self) -> str:
        """Emplacement `page.md:ligne`."""
        return f"{self.page}:{self.line}"

    @property
    def proven(self) -> bool:
        """Ce bloc a-t-il été exécuté, ou produit par une exécution ?"""
        return self.kind in ("section", "output", "starter", "inline", "shell")


def markdown_files(root: Path) -> list[Path]:
    """Toutes les pages Markdown, et les LISEZMOI publics."""
    readme = [path for path in (root / "README.md", root / "tests/README.md") if path.is_file()]
    return sorted((root / "docs").rglob("*.md")) + readme


def extract(text: str, where: str) -> tuple[list[CodeBlock], list[Fault]]:
    """Blocs vus par pytest-codeblocks ; un défaut si le texte l'a désynchronisé."""
    try:
        return extract_from_buffer(io.StringIO(text), max_num_lines=100_000), []
    except RuntimeError as error:
        mend = "refermer chaque bloc par ``` seul sur sa ligne ; pas de bloc sur la ligne d'une puce"
        fence = next((n for n, line in enumerate(text.split("\n"), 1) if LIST_FENCE.match(line)), 1)
        return [], [Fault(f"{where}:{fence}", f"blocs illisibles ({error})", mend)]


def classify(raw: CodeBlock, page: str, known: dict[str, Script]) -> Block:
    """Donne sa nature à un bloc brut, ou les défauts qui l'empêchent d'en avoir une."""
    header = (raw.syntax or "").strip()
    name = re.match(r"\{?\s*\.?([\w+#-]*)", header)
    language = name.group(1) if name else ""
    attributes = dict(ATTRIBUTE.findall(header))
    kind, script, section, faults = "inline", None, "", []

    def fault(what: str, mend: str) -> None:
        faults.append(Fault(f"{page}:{raw.lineno}", what, mend))

    includes = [m for line in raw.code.splitlines() if (m := INCLUDE.match(line.strip()))]
    file = whole_file(includes[0].group(1), known) if includes else None
    if language not in CODE_LANGUAGES | DATA_LANGUAGES | FILE_LANGUAGES:
        expected = ", ".join(sorted(CODE_LANGUAGES | DATA_LANGUAGES | FILE_LANGUAGES))
        fault(f"langage « {language or 'absent'} » inconnu", f"écrire l'un de : {expected}")
    elif not raw.code.strip():
        fault("bloc vide", "le remplir ou le supprimer")
    elif attributes.get("data-run") == "non":
        kind = "exempt"
        reason = attributes.get("data-pourquoi", "")
        if len(reason) < SHORT_REASON or len(reason.split()) < 4:
            fault("bloc exempté sans vraie raison", 'écrire data-pourquoi="…" : une phrase complète')
    elif "8<" in raw.code and (len(includes) != 1 or len(raw.code.strip().splitlines()) != 1):
        fault("une inclusion doit être seule dans son bloc", "un bloc par section, sans ligne ajoutée")
    elif file is not None and language == "text" and not is_answer(file):
        fault("texte d'un projet montré comme une sortie", f"ne montrer que les réponses d'un dossier {ANSWERS}/")
    elif file is not None and not is_answer(file) and not is_tried(file):
        fault(
            f"{file.name} : fichier d'un projet qu'aucun test ne nomme", "écrire le test qui l'emploie, ou l'exempter"
        )
    elif file is not None:
        kind = "file"
    elif language not in CODE_LANGUAGES | DATA_LANGUAGES:
        fault(f"langage « {language} » réservé aux fichiers d'un projet", "inclure le fichier (--8<--)")
    elif includes:
        kind, script, section = resolve(includes[0].group(1), language, known, fault)
    elif language == "text":
        fault(
            "sortie écrite à la main",
            "inclure la sortie enregistrée (--8<--), ou exempter avec raison",
        )
    elif language == "powershell":
        fault("PowerShell n'est pas exécuté ici", 'ajouter data-run="non" data-pourquoi="…"')
    elif language in DATA_LANGUAGES:
        fault("donnée écrite à la main", "inclure le fichier (--8<--), ou exempter avec raison")
    else:
        kind = "shell" if language == "sh" else "inline"
    return Block(page, raw.lineno, language, attributes, kind, raw.code, script, section, file, tuple(faults))


def is_answer(file: Path) -> bool:
    """Ce fichier est-il une réponse enregistrée, comparée à chaque vérification ?"""
    return file.parent.as_posix().endswith(f"/snippets/{ANSWERS}")


def is_tried(file: Path) -> bool:
    """Un test, un script du projet ou un contrôle de l'intégration continue emploie-t-il ce fichier, par son nom ?

    Hors du dossier du projet, le même fichier doit aussi nommer ce projet : un nom courant ne suffit pas.
    """
    name = re.compile(rf"(?<![\w.-]){re.escape(file.name)}(?![\w-])")
    project = file.relative_to(next(p for p in file.parents if p.name == "snippets")).parts[0]
    users = [path for path in (ROOT / "tests").glob("test_*.py") if path.name != "test_sabotage.py"]
    texts = [path.read_text(encoding="utf-8") for path in [*users, *(ROOT / ".github/workflows").glob("*.yml")]]
    near = [path.read_text(encoding="utf-8") for path in file.parent.glob("*.py")]
    return any(name.search(text) for text in [*near, *(text for text in texts if project in text)])


def whole_file(target: str, known: dict[str, Script]) -> Path | None:
    """Fichier d'un petit projet désigné par une inclusion `exemple/chemin`, ou None."""
    example = target.partition("/")[0]
    if target.endswith(".py") or target.startswith(f"{example}/outputs/"):
        return None
    project = next((s for s in known.values() if s.example == example and s.module_names), None)
    return (
        next((path for path in project.files if path == project.root / "snippets" / target), None) if project else None
    )


def resolve(target: str, language: str, known: dict[str, Script], fault: object) -> tuple[str, Script | None, str]:
    """Interprète une inclusion : `exemple/script.py:section` ou `exemple/outputs/script/section.txt`."""
    assert callable(fault)
    code = re.fullmatch(r"(\w+)/(\w+)\.py:(.+)", target)
    output = re.fullmatch(r"(\w+)/outputs/(\w+)/(\w+)\.txt", target)
    starter = re.fullmatch(r"(\w+)/outputs/(\w+)/starter\.py", target)
    match = code or output or starter
    script = known.get(f"{match.group(1)}/{match.group(2)}") if match else None
    if match is None or script is None:
        fault(f"inclusion inconnue : {target}", "exemple/script.py:section, d'un exemple existant")
        return "inline", None, ""
    if starter:
        return "starter", script, ""
    section = match.group(3)
    if section not in script.sections:
        names = ", ".join(script.sections)
        fault(f"« {section} » n'est pas une section de {script.key}", f"choisir parmi : {names}")
    elif code and language != "python":
        fault("code Python annoncé dans un autre langage", "commencer le bloc par ```python")
    elif output and language != "text":
        fault("sortie annoncée dans un autre langage", "commencer le bloc par ```text")
    elif output and not (script.outputs / f"{section}.txt").is_file():
        fault(f"{script.key} n'imprime rien dans « {section} »", "retirer ce bloc de sortie")
    return ("section" if code else "output"), script, section


def read_page(path: Path, root: Path, known: dict[str, Script] | None = None) -> tuple[list[Block], list[Fault]]:
    """Blocs d'une page, dans l'ordre, et défauts de lecture ; `known` : les scripts du projet, s'ils sont déjà lus."""
    page = path.relative_to(root).as_posix()
    known = by_key(root) if known is None else known
    raw, faults = extract(path.read_text(encoding="utf-8"), page)
    blocks = [classify(block, page, known) for block in raw]
    return blocks, faults + [fault for block in blocks for fault in block.faults]


def all_blocks(root: Path) -> list[Block]:
    """Blocs de toutes les pages."""
    known = by_key(root)
    return [block for path in markdown_files(root) for block in read_page(path, root, known)[0]]


def check_page(path: Path, root: Path, known: dict[str, Script] | None = None) -> list[Fault]:
    """Règles d'une page : sections dans l'ordre, une fois chacune, toutes ; sorties sous leur section."""
    blocks, faults = read_page(path, root, known)
    page = path.relative_to(root).as_posix()
    inside = {b.line + n for b in blocks for n in range(len(b.code.splitlines()) + 2)}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if "8<-" in re.sub(r"`[^`]*`", "", line) and number not in inside:
            mend = "placer l'inclusion seule dans un bloc ```python"
            faults.append(Fault(f"{page}:{number}", "inclusion hors d'un bloc", mend))
    shown: dict[str, list[Block]] = {}
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.kind == "section" and block.script:
            shown.setdefault(block.script.key, []).append(block)
            is_module = block.script.name in block.script.module_names
            printed = not is_module and (block.script.outputs / f"{block.section}.txt").is_file()
            answered = following is not None and following.kind == "output" and following.section == block.section
            if printed and not (answered and following and following.script == block.script):
                target = f"{block.script.example}/outputs/{block.script.name}/{block.section}.txt"
                faults.append(
                    Fault(
                        block.where,
                        "la sortie de ce bloc n'est pas montrée",
                        f'ajouter dessous --8<-- "{target}"',
                    )
                )
    for previous, block in zip([None, *blocks], blocks, strict=False):
        if block.kind == "output" and not (
            previous is not None and (previous.script, previous.section) == (block.script, block.section)
        ):
            faults.append(
                Fault(
                    block.where,
                    "sortie sans le code qui l'a produite",
                    "la placer juste sous son bloc",
                )
            )
    for key, group in shown.items():
        expected = list(group[0].script.sections) if group[0].script else []
        found = [block.section for block in group]
        if found != expected:
            wrong = next(
                (i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b),
                len(expected),
            )
            at = group[min(wrong, len(group) - 1)]
            faults.append(
                Fault(
                    at.where,
                    f"{key} : sections montrées {found}, attendues {expected}",
                    "montrer chaque section une fois, dans l'ordre du fichier",
                )
            )
    return faults


def check_strays(root: Path, notebooks: set[Path]) -> list[Fault]:
    """Rien dans `docs/` que des pages, leurs données YAML et les carnets `notebooks` : le reste serait sans preuve."""
    return [
        Fault(
            path.relative_to(root).as_posix() + ":1",
            "fichier publié sans preuve",
            "en faire un exemple de snippets/, qui écrit la figure ou le fichier",
        )
        for path in sorted((root / "docs").rglob("*"))
        if path.is_file() and path.suffix not in (".md", ".yml") and path not in notebooks
    ]
