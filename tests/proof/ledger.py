"""Registre des preuves : écrit, relit et compare ce que les exécutions ont produit.

À côté de chaque exemple, `outputs/<script>/` garde `ledger.json`, un texte par section qui imprime, deux
figures SVG (claire, sombre) par `plt.show()`, et les fichiers que l'exemple écrit (`artefacts`).
"""

from __future__ import annotations

import json
import math
import re
import shutil
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from proof.project import Fault, Script, scripts, sha256
from proof.runner import WEIGHTS, Run
from proof.typography import NBSP, french_date

TICK = re.compile(r"^[xy]tick_\d+$")
PERCENT, PERCENT_POINTS = re.compile(r"\s?%"), 5
DECIMAL_GAP, DECIMAL_SHARE = 0.05, 0.3  # écart permis à un nombre à virgule : le plus grand des deux
NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?")


def read(script: Script) -> dict[str, Any]:
    """Entrée publiée du script ; lève FileNotFoundError avec la marche à suivre."""
    path = script.outputs / "ledger.json"
    if not path.is_file():
        raise FileNotFoundError(f"{script.key} n'a jamais été exécuté : lancer make outputs")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def stamp(entry: dict[str, Any]) -> tuple[str, str]:
    """Ce que dit le tampon d'une entrée : quand et en combien de temps, puis avec quelles versions."""
    packages = "".join(f" · {name} {version}" for name, version in entry["versions"].items())
    when = f"Vérifié le {french_date(entry['date'])} en {entry['duration']:.0f}{NBSP}s"
    return when, f" · Python {entry['python']}{packages}"


def write(script: Script, run: Run) -> None:
    """Remplace les sorties publiées du script par celles d'une exécution réussie."""
    shutil.rmtree(script.outputs, ignore_errors=True)
    shutil.copytree(run.folder, script.outputs)


def words(text: str) -> list[str]:
    """Ce qui sépare les nombres d'un texte, mot pour mot ; un nombre plus court laisse plus d'espaces devant lui."""
    return [part.rstrip(" ") for part in NUMBER.split(text)]


def numbers_differ(
    old: str, new: str, tolerance: float, points: float = PERCENT_POINTS, decimals: float | None = None
) -> str | None:
    """Première différence entre deux textes : lettres à l'identique, nombres à `tolerance` près ; None si égaux.

    La tolérance d'une section peut être celle de ses effectifs : un pourcentage a au plus `points` d'écart, un autre
    nombre à virgule `decimals`, sinon le plus grand de DECIMAL_GAP et de DECIMAL_SHARE fois lui-même. Des durées
    (tolérance infinie) et les sorties de poids pré-entraînés (`points` infini) n'ont pas ces bornes.
    """
    if words(old) != words(new):
        lines = zip(old.splitlines(), new.splitlines(), strict=False)
        for before, after in lines:
            if words(before) != words(after):
                return f"« {before} » devient « {after} »"
        return "le nombre de lignes change"
    for found, after in zip(NUMBER.finditer(old), NUMBER.findall(new), strict=True):
        before = found.group()
        values = [float(s.replace(",", ".").replace("−", "-")) for s in (before, after)]
        allowed = tolerance
        if PERCENT.match(old, found.end()):
            allowed = min(tolerance, points)
        elif re.search("[.,]", before) and math.inf not in (tolerance, points):
            usual = max(DECIMAL_GAP, DECIMAL_SHARE * abs(values[0]))
            allowed = min(tolerance, usual if decimals is None else decimals)
        if abs(values[0] - values[1]) > allowed + 1e-9:
            return f"{before} devient {after} (écart permis : {allowed:g})"
    return None


def readable(path: Path) -> str:
    """Texte comparable d'une sortie : le texte lui-même, ou les mots et nombres d'une figure SVG.

    Les graduations chiffrées n'y sont pas : Matplotlib les place selon l'étendue des données.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".svg":
        return text
    figure = BeautifulSoup(text, "lxml-xml")
    for tick in figure.find_all("g", id=TICK):
        if NUMBER.fullmatch(tick.get_text().strip()):
            tick.decompose()
    return "\n".join(t.get_text() for t in figure.find_all("text"))


def normal_name(package: str) -> str:
    """Nom d'un paquet tel que les index le comparent."""
    return re.sub(r"[-_.]+", "-", package).lower()


@cache
def pins(root: Path) -> dict[str, set[str]]:
    """Versions que le verrou épingle, par paquet ; une par système, s'il le faut."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.]+)", (root / "requirements.txt").read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(normal_name(name), set()).add(version)
    return found


def is_dated(entry: dict[str, Any]) -> bool:
    """L'entrée a-t-elle une date, d'hier ou d'aujourd'hui plutôt que de demain, et une durée ?"""
    try:
        past = date.fromisoformat(entry["date"]) <= date.today() + timedelta(days=1)  # un auteur à l'est de nous
    except ValueError:
        return False
    return past and 0 <= entry["duration"] < math.inf


def check_fresh(script: Script) -> list[Fault]:
    """Sans rien exécuter : les sorties publiées viennent-elles de ce source, et personne ne les a retouchées ?"""
    where = script.path.relative_to(script.root).as_posix() + ":1"
    try:
        ledger = read(script)
    except FileNotFoundError as error:
        return [Fault(where, "exemple sans sortie enregistrée", str(error))]
    faults = []
    if ledger["source"] != script.digest:
        faults.append(Fault(where, "modifié depuis sa dernière exécution", "lancer make outputs"))
    if ledger["error"] is None and ledger["measures"].keys() != script.manifest.get("measures", {}).keys():
        faults.append(Fault(where, "le registre n'a plus les mesures du manifeste", "lancer make outputs"))
    if not is_dated(ledger):
        what = f"date ({ledger['date']}) ou durée ({ledger['duration']}) impossible"
        faults.append(Fault(where, what, "lancer make outputs"))
    if not re.match(r"3\.1[123]\.\d+$", ledger["python"]):
        faults.append(Fault(where, f"exécuté avec Python {ledger['python']}", "employer Python 3.11, 3.12 ou 3.13"))
    pinned = pins(script.root)
    for name, version in ledger["versions"].items():
        if version.partition("+")[0] not in pinned.get(normal_name(name), version.partition("+")[0]):
            what = f"exécuté avec {name} {version}, que requirements.txt n'épingle plus"
            faults.append(Fault(where, what, "lancer make outputs"))
    for module in script.modules:
        if ledger.get("modules", {}).get(module.name, {}).get("source") != module.digest:
            place = module.path.relative_to(script.root).as_posix() + ":1"
            faults.append(Fault(place, "modifié depuis la dernière exécution de son projet", "lancer make outputs"))
    present = {p.name: p for p in script.outputs.iterdir() if p.name != "ledger.json"}
    for name in sorted(ledger["files"].keys() | present.keys()):
        path = script.outputs / name
        good = name in present and sha256(path.read_bytes())[:16] == ledger["files"].get(name)
        if not good:
            where = path.relative_to(script.root).as_posix() + ":1"
            faults.append(Fault(where, "cette sortie n'est pas celle de l'exécution", "lancer make outputs"))
    return faults


def check_orphans(root: Path) -> list[Fault]:
    """Sorties dont l'exemple a disparu."""
    known = {script.outputs for script in scripts(root)}
    return [
        Fault(
            folder.relative_to(root).as_posix() + ":1",
            "sorties sans exemple",
            "supprimer ce dossier",
        )
        for folder in sorted((root / "snippets").glob("*/outputs/*"))
        if folder not in known
    ]


def compare(script: Script, run: Run) -> list[Fault]:
    """Différences entre une nouvelle exécution et les sorties publiées, au-delà des tolérances déclarées."""
    faults = check_fresh(script)
    if faults:
        return faults
    published, fresh = read(script), run.ledger
    mend = "si le changement est voulu, lancer make outputs et relire la page"

    def fault(name: str, what: str) -> None:
        where = (script.outputs / name).relative_to(script.root).as_posix() + ":1"
        faults.append(Fault(where, what, mend))

    if published["lines"] != fresh["lines"]:
        fault("ledger.json", f"{published['lines']} lignes exécutées deviennent {fresh['lines']}")
    if published["versions"].keys() != fresh["versions"].keys():
        before, after = (", ".join(entry["versions"]) for entry in (published, fresh))
        fault("ledger.json", f"bibliothèques « {before} », à la nouvelle exécution « {after} »")
    for name, tolerance in script.manifest.get("measures", {}).items():
        before, after = published["measures"].get(name), fresh["measures"][name]
        if before is None or abs(before - after) > tolerance + 1e-12:
            fault("ledger.json", f"mesure {name} : {before} devient {after} (écart permis : {tolerance:g})")
    tolerances, decimals = (script.manifest.get(name, {}) for name in ("tolerances", "decimals"))
    # D'autres poids que ceux d'ici donnent d'autres probabilités : seules les tolérances du manifeste comptent.
    points = math.inf if set(script.manifest.get("data", [])) & WEIGHTS.keys() else PERCENT_POINTS
    for name in sorted(published["files"].keys() | fresh["files"].keys()):
        if name not in fresh["files"] or name not in published["files"]:
            fault(name, "sortie apparue ou disparue à la nouvelle exécution")
            continue
        if name in script.manifest.get("artefacts", []):
            continue  # des poids : leurs mesures sont comparées ci-dessus, et le fichier publié a son propre test
        section = name.split(".")[0].rsplit("-", 1)[0]  # `curves-1.light.svg` → curves
        old, new = readable(script.outputs / name), readable(run.files[name])
        if section in script.manifest.get("weights_choose", []):
            if len(old.splitlines()) != len(new.splitlines()):
                fault(name, f"{len(old.splitlines())} lignes deviennent {len(new.splitlines())}")
        elif change := numbers_differ(old, new, tolerances.get(section, 0), points, decimals.get(section)):
            fault(name, change)
    return faults
