"""Ce que contient le projet : exemples, scripts, sections. Lecture seule, rien n'est exécuté."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"^\s*#\s*-+8<-+\s*\[\s*(start|end)\s*:\s*(.*?)\s*\]\s*$")
# `python dossier/tensorflow.py` place `dossier` en tête des importations : le script se masquerait lui-même.
# torchvision, lui, essaie d'importer un module nommé `pytorch`.
SHADOWED = {
    "tensorflow",
    "keras",
    "torch",
    "torchvision",
    "pytorch",
    "numpy",
    "sklearn",
    "matplotlib",
}
SECTION_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Fault:
    """Un défaut : où (`fichier:ligne`), quoi, et comment réparer."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where} : {self.what}\n    Pour réparer : {self.mend}"


def report(faults: list[Fault]) -> str:
    """Texte lisible d'une liste de défauts, un par paragraphe."""
    return "\n" + "\n".join(str(fault) for fault in faults)


def sha256(*parts: bytes) -> str:
    """Empreinte hexadécimale d'une suite d'octets ; les frontières comptent."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@cache
def read_toml(path: Path, modified: int) -> dict[str, Any]:
    """Contenu d'un fichier TOML, relu si la date `modified` de sa dernière écriture a changé."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def imported_modules(source: str) -> set[str]:
    """Noms des modules de premier niveau importés par un source Python."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@dataclass(frozen=True)
class Script:
    """Un script complet `snippets/<exemple>/<name>.py` et son manifeste `example.toml`.

    Le script publié et exécuté est le fichier sans les lignes de marquage des sections.
    """

    root: Path
    example: str
    name: str

    @property
    def key(self) -> str:
        """Nom unique du script, par exemple `mnist_mlp/pytorch`."""
        return f"{self.example}/{self.name}"

    @property
    def path(self) -> Path:
        """Fichier source, marqueurs compris."""
        return self.root / "snippets" / self.example / f"{self.name}.py"

    @property
    def outputs(self) -> Path:
        """Dossier des sorties enregistrées de ce script ; pour un module, celles du script qui le prouve."""
        name = self.name
        if name in self.module_names:
            name = next(p.stem for p in sorted(self.path.parent.glob("*.py")) if p.stem not in self.module_names)
        return self.root / "snippets" / self.example / "outputs" / name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Manifeste de l'exemple, complété des réglages propres au script."""
        path = self.path.parent / "example.toml"
        data = read_toml(path, path.stat().st_mtime_ns)
        merged: dict[str, Any] = data | data.get("script", {}).get(self.name, {})
        return merged

    @property
    def inputs(self) -> list[Path]:
        """Fichiers d'autres exemples, que le lecteur télécharge du cours et range à côté de son script."""
        return [self.root / "snippets" / name for name in self.manifest.get("inputs", [])]

    @property
    def module_names(self) -> list[str]:
        """Fichiers du dossier qu'un script importe ou lance lui-même ; vide pour un exemple d'un seul fichier."""
        names: list[str] = self.manifest.get("modules", [])
        return names

    @property
    def modules(self) -> list[Script]:
        """Modules importés par ce script."""
        return [Script(self.root, self.example, name) for name in self.module_names]

    @property
    def files(self) -> list[Path]:
        """Le script ; pour un petit projet, tous les fichiers du dossier sauf son manifeste et ses sorties."""
        if not self.module_names:
            return [self.path]
        folder = self.path.parent
        below = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
        return [p for p in below if p.name != "example.toml" and p.relative_to(folder).parts[0] != "outputs"]

    @cached_property
    def lines(self) -> list[tuple[int, str]]:
        """Lignes du script publié, chacune avec son numéro dans le fichier source."""
        text = self.path.read_text(encoding="utf-8")
        return [(n, s) for n, s in enumerate(text.splitlines(), 1) if not MARKER.match(s)]

    @cached_property
    def source(self) -> str:
        """Texte du script publié, tel que téléchargé et tel qu'exécuté."""
        return "\n".join(text for _, text in self.lines).strip("\n") + "\n"

    @property
    def digest(self) -> str:
        """Empreinte du script publié."""
        return sha256(self.source.encode())

    def write_program(self, folder: Path) -> None:
        """Écrit dans `folder` le script publié, et tout le petit projet dont il est l'entrée s'il y en a un."""
        published = {source.path: source.source for source in (self, *self.modules)}
        for path in self.files:
            target = folder / path.relative_to(self.path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path in published:
                target.write_text(published[path], encoding="utf-8", newline="\n")
            else:
                shutil.copy(path, target)

    def origin(self, line: int) -> int:
        """Numéro dans le fichier source de la ligne `line` (1 = première) du script publié."""
        blank = next(i for i, (_, text) in enumerate(self.lines) if text.strip())
        return self.lines[line - 1 + blank][0]

    @cached_property
    def sections(self) -> dict[str, tuple[int, int]]:
        """Sections dans l'ordre du fichier : nom → (première, dernière) ligne source, marqueurs exclus."""
        found: dict[str, tuple[int, int]] = {}
        start: dict[str, int] = {}
        for number, text in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if mark := MARKER.match(text):
                kind, name = mark.groups()
                if kind == "start":
                    start[name] = number
                elif name in start:
                    found[name] = (start[name] + 1, number - 1)
        return found

    def section_text(self, name: str) -> str:
        """Texte d'une section, comme la page l'affiche."""
        first, last = self.sections[name]
        lines = self.path.read_text(encoding="utf-8").splitlines()[first - 1 : last]
        return "\n".join(lines).strip("\n")

    def section_of(self, source_line: int) -> str:
        """Nom de la section qui contient une ligne du fichier source."""
        for name, (first, last) in self.sections.items():
            if first <= source_line <= last:
                return name
        raise KeyError(f"{self.path}:{source_line} : hors de toute section")

    @property
    def starter(self) -> str | None:
        """Énoncé d'un exercice : la solution dont les fonctions de la section `starter` sont vidées."""
        return self.hollow(self.source) if "starter" in self.manifest else None

    def hollow(self, code: str) -> str:
        """Ce code, tiré du script, où les fonctions de la section `starter` n'ont plus que leur docstring."""
        lines, answer = code.splitlines(), self.section_text(self.manifest["starter"])
        for function in reversed([n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)]):
            if lines[function.lineno - 1] in answer and function.end_lineno:
                first = function.body[0]
                is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                keep = (first.end_lineno or 0) if is_docstring else function.body[0].lineno - 1
                lines[keep : function.end_lineno] = ["    ...  # À vous de jouer"]
        return "\n".join(lines) + "\n"

    def check(self) -> list[Fault]:
        """Défauts de découpage : le fichier entier doit tenir dans des sections bien formées."""
        faults: list[Fault] = []
        opened: str | None = None
        seen: set[str] = set()
        number = 0

        def fault(what: str, mend: str) -> None:
            where = self.path.relative_to(self.root).as_posix()
            faults.append(Fault(f"{where}:{number}", what, mend))

        for text in self.path.read_text(encoding="utf-8").splitlines():
            number += 1  # lu par fault()
            mark = MARKER.match(text)
            if mark is None:
                if "8<" in text:
                    fault("marqueur de section mal formé", "écrire # --8<-- [start:nom]")
                elif opened is None and text.strip():
                    fault("ligne hors de toute section", "la placer dans une section, ou la supprimer")
                continue
            kind, name = mark.groups()
            if not SECTION_NAME.fullmatch(name):
                fault(f"nom de section « {name} »", "lettres minuscules sans accent, chiffres et _")
            elif kind == "start" and opened is not None:
                fault(f"la section « {opened} » n'est pas refermée", f"ajouter [end:{opened}] avant")
            elif kind == "start" and name in seen:
                fault(f"section « {name} » en double", "donner un autre nom à l'une des deux")
            elif kind == "end" and name != opened:
                fault(f"fin de « {name} » sans début", f"ajouter [start:{name}] avant")
            opened = name if kind == "start" else None
            seen.add(name)
        if opened is not None:
            fault(f"marqueur [end:{opened}] absent", "refermer la section à la fin de son code")
        return faults


def scripts(root: Path = ROOT) -> list[Script]:
    """Tous les scripts des exemples, triés : ce qui se lance. Un exemple est un dossier qui a un `example.toml`."""
    return [source for source in sources(root) if source.name not in source.module_names]


def sources(root: Path = ROOT) -> list[Script]:
    """Tous les fichiers Python des exemples, scripts et modules, triés."""
    return [
        Script(root, manifest.parent.name, path.stem)
        for manifest in sorted((root / "snippets").glob("*/example.toml"))
        for path in sorted(manifest.parent.glob("*.py"))
    ]


def by_key(root: Path = ROOT) -> dict[str, Script]:
    """Les mêmes, chacun sous son nom unique."""
    return {source.key: source for source in sources(root)}


def bench_value(root: Path, path: str) -> float:
    """Nombre de `tests/bench.json` au chemin pointé `path` ; lève KeyError s'il n'y est pas."""
    found: Any = json.loads((root / "tests/bench.json").read_text(encoding="utf-8"))
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            raise KeyError(f"tests/bench.json n'a pas {path} : corriger le nom, ou lancer make bench")
        found = found[name]
    return float(found)


def check_layout(root: Path = ROOT) -> list[Fault]:
    """Tout fichier Python de `snippets/` doit être le script d'un exemple, et ne masquer aucun module."""
    known = {source.path for source in sources(root)}
    faults = [
        Fault(
            path.relative_to(root).as_posix() + ":1",
            "script orphelin : aucun example.toml dans son dossier",
            "ajouter le manifeste de l'exemple, ou supprimer le fichier",
        )
        for path in sorted((root / "snippets").rglob("*.py"))
        if path not in known and "outputs" not in path.parts
    ]
    for script in sources(root):
        missing = [name for name in script.module_names if Script(root, script.example, name).path not in known]
        if missing:
            where = (script.path.parent / "example.toml").relative_to(root).as_posix() + ":1"
            faults.append(Fault(where, f"modules annoncés mais absents : {', '.join(missing)}", "corriger modules"))
        if script.name in SHADOWED or script.name in sys.stdlib_module_names:
            faults.append(
                Fault(
                    script.path.relative_to(root).as_posix() + ":1",
                    f"lancé tel quel, ce fichier masquerait le module « {script.name} » d'une bibliothèque",
                    "le renommer : with_tensorflow.py, with_pytorch.py…",
                )
            )
        faults += script.check()
    return faults
