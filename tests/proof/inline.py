"""Exécute le code écrit dans les pages : Python (un interpréteur neuf par page) et shell (une session par page).

`make outputs` note dans `tests/inline.json` quand les blocs de chaque page ont tourné : c'est leur tampon commun.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from proof import ledger
from proof.pages import Block, extract, read_page
from proof.project import Fault, sha256
from proof.runner import SANDBOX, sandbox_environment, stderr_lines

RECORD = "tests/inline.json"  # page → empreinte de ses blocs ; date, Python et durée de leur dernière exécution
KINDS = ("inline", "shell")

# Commandes du cours lui-même, prouvées par un test nommé plutôt que relancées ici.
COURSE_COMMANDS = {
    "make test": ".ci/run",
    "make serve": "tests/test_commands.py",
    "make build": "tests/test_commands.py",
    "make audit": "tests/test_commands.py",
    "make outputs": "tests/test_commands.py",
    "make bench": "tests/test_commands.py",
    "make": "tests/test_commands.py",
}
PYTHON_LIMIT, SHELL_LIMIT = 600, 600  # secondes laissées aux blocs d'une page, sur une machine occupée
# Les blocs sont compilés avec leur page et leur ligne : une trace d'erreur montre `page.md:ligne`.
DRIVER = """
import json, sys
path = sys.argv[1]
blocks = json.load(open(path, encoding="utf-8"))
sys.argv = [""]
namespace = {"__name__": "__main__"}
pages, ran, written = {page for page, _, _ in blocks}, set(), set()

def trace(frame, event, argument):
    if frame.f_code.co_filename not in pages:
        return None
    ran.add(frame.f_lineno)
    return trace

def lines_of(code):
    inside = [const for const in code.co_consts if hasattr(const, "co_lines")]
    return {line for _, _, line in code.co_lines() if line}.union(*map(lines_of, inside))

for page, line, code in blocks:
    program = compile("\\n" * line + code, page, "exec")
    written |= {n for n in lines_of(program) if n > line}
    sys.settrace(trace)
    exec(program, namespace)
    sys.settrace(None)
json.dump(sorted(written - ran), open(path, "w", encoding="utf-8"))
"""


def inline_blocks(path: Path, root: Path, expanded: str, kind: str) -> list[tuple[Block, str]]:
    """Blocs d'une page écrits sur place, avec leur texte développé."""
    blocks, _ = read_page(path, root)
    seen, _ = extract(expanded, path.name)
    return [(b, s.code) for b, s in zip(blocks, seen, strict=False) if b.kind == kind]


def run_python(path: Path, root: Path, expanded: str) -> list[Fault]:
    """Exécute dans l'ordre les blocs Python d'une page, réseau coupé ; un défaut par échec."""
    blocks = inline_blocks(path, root, expanded, "inline")
    if not blocks:
        return []
    page = path.relative_to(root).as_posix()
    with tempfile.TemporaryDirectory(prefix="page-") as name:
        folder = Path(name).resolve()
        (folder / "work").mkdir()
        program = [(str(path), block.line, code) for block, code in blocks]
        (folder / "blocks.json").write_text(json.dumps(program), encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-c", DRIVER, str(folder / "blocks.json")],
                cwd=folder / "work",
                env=sandbox_environment(folder, ["mnist"]) | {"PYTHONPATH": str(SANDBOX), "PROOF_FIGURES": name},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=PYTHON_LIMIT,
            )
        except subprocess.TimeoutExpired:
            what = f"les blocs Python de cette page durent plus de {PYTHON_LIMIT} s"
            return [Fault(blocks[0][0].where, what, "les alléger, ou en faire un exemple")]
        if (log := folder / "network.log").is_file():
            hosts = ", ".join(sorted(set(log.read_text(encoding="utf-8").split())))
            return [Fault(blocks[0][0].where, f"tentative de connexion à {hosts}", "lire des données locales")]
        missed = json.loads((folder / "blocks.json").read_text(encoding="utf-8"))
    noise = stderr_lines(done.stderr)
    if done.returncode == 0 and not noise:
        mend = "appeler ce code dans le bloc, ou le retirer"
        return [Fault(f"{page}:{number}", "ligne montrée mais jamais exécutée", mend) for number in missed]
    trace = "\n".join(noise).replace(str(path), page)
    line = max((b.line for b, _ in blocks if f'{page}", line ' in trace), default=blocks[0][0].line)
    for text in trace.splitlines():
        if f'File "{page}", line ' in text:
            line = int(text.split("line ")[1].split(",")[0])
    return [
        Fault(
            f"{page}:{line}",
            f"bloc Python en échec :\n{trace}",
            "corriger le bloc, ou en faire un exemple",
        )
    ]


def cut_network(folder: Path) -> dict[str, str]:
    """Variables qui coupent le réseau d'une commande : Python refuse et consigne, les autres ont un mandataire mort."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), "http://127.0.0.1:9")
    return nowhere | {"PYTHONPATH": str(SANDBOX), "PROOF_NETWORK_LOG": str(folder / "network.log")}


def run_shell(path: Path, root: Path, expanded: str) -> list[Fault]:
    """Exécute dans l'ordre les blocs shell d'une page (bash, arrêt à la première erreur)."""
    page = path.relative_to(root).as_posix()
    faults, started, script = [], [], ["set -euo pipefail"]
    for block, code in inline_blocks(path, root, expanded, "shell"):
        if code.strip() in COURSE_COMMANDS:
            proof = root / COURSE_COMMANDS[code.strip()]
            if not proof.is_file() or code.strip() not in proof.read_text(encoding="utf-8"):
                faults.append(
                    Fault(
                        block.where,
                        f"« {code.strip()} » n'est lancé nulle part",
                        f"voir {proof.name}",
                    )
                )
            continue
        # « set -e » ignore l'échec de gauche dans `a && b` : l'état final du bloc est contrôlé aussi
        started.append(block)
        script += [f"echo 'PAGE-LIGNE {block.line}' >&2", code, "[ $? -eq 0 ] || exit 1"]
    if not started:
        return faults
    bash = shutil.which("bash")
    if bash is None:
        return [*faults, Fault(f"{page}:{started[0].line}", "bash introuvable pour lancer ce bloc", "installer bash")]
    script.append("echo 'PAGE-FIN' >&2")
    with tempfile.TemporaryDirectory(prefix="page-") as name:
        env = dict(os.environ) | {"HOME": name, "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | cut_network(Path(name))
        env["PATH"] = str(Path(sys.executable).parent) + os.pathsep + env["PATH"]
        try:
            done = subprocess.run(
                [bash, "-c", "\n".join(script)],
                cwd=name,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=SHELL_LIMIT,
            )
        except subprocess.TimeoutExpired:
            what = f"les commandes de cette page durent plus de {SHELL_LIMIT} s"
            return [*faults, Fault(started[0].where, what, "les alléger")]
        if (log := Path(name) / "network.log").is_file():
            hosts = ", ".join(sorted(set(log.read_text(encoding="utf-8").split())))
            return [
                *faults,
                Fault(started[0].where, f"tentative de connexion à {hosts}", "employer des fichiers locaux"),
            ]
    marks = [s for s in done.stderr.splitlines() if s.startswith("PAGE-")]
    if done.returncode == 0 and marks != [*(f"PAGE-LIGNE {block.line}" for block in started), "PAGE-FIN"]:
        missed = next((b for b in started if f"PAGE-LIGNE {b.line}" not in marks), started[-1])
        mend = "ni exit, ni guillemet ou document en ligne (<<) laissé ouvert"
        faults.append(Fault(missed.where, "commandes jamais atteintes : un bloc arrête ou avale la suite", mend))
    if done.returncode != 0:
        line = [s for s in marks if s.startswith("PAGE-LIGNE ")][-1].split()[1]
        faults.append(
            Fault(
                f"{page}:{line}",
                f"commande en échec :\n{done.stderr[-1500:]}",
                "corriger la commande",
            )
        )
    return faults


def known(root: Path) -> dict[str, dict[str, Any]]:
    """Exécutions notées, page par page ; aucune si le projet n'en note pas."""
    path = root / RECORD
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def run_here(path: Path, root: Path) -> dict[int, Block]:
    """Rang → bloc d'une page écrit sur place et lancé ici ; les commandes du cours ont leur propre test."""
    blocks = enumerate(read_page(path, root)[0])
    return {n: b for n, b in blocks if b.kind in KINDS and b.code.strip() not in COURSE_COMMANDS}


def digests(root: Path) -> dict[str, tuple[str, str]]:
    """Page → empreinte de ses blocs écrits sur place, et lieu du premier."""
    found = {}
    for path in sorted((root / "docs").rglob("*.md")):
        if blocks := list(run_here(path, root).values()):
            codes = [block.code.encode() for block in blocks]
            found[path.relative_to(root).as_posix()] = (sha256(*codes)[:16], blocks[0].where)
    return found


def record(root: Path, texts: dict[str, str], use_cache: bool = True) -> list[Fault]:
    """Exécute les blocs des pages où ils ont changé, et note quand ; rend les échecs, dont rien n'est noté."""
    before, after, faults = known(root), {}, []
    for page, (source, _) in digests(root).items():
        if use_cache and before.get(page, {}).get("source") == source:
            after[page] = before[page]
            continue
        path, began = root / page, time.perf_counter()
        text = texts.get(page, path.read_text(encoding="utf-8"))
        if found := run_python(path, root, text) + run_shell(path, root, text):
            faults += found
            continue
        duration = round(time.perf_counter() - began, 1)
        today, python = date.today().isoformat(), platform.python_version()
        after[page] = {"source": source, "date": today, "python": python, "duration": duration}
    (root / RECORD).parent.mkdir(exist_ok=True)
    (root / RECORD).write_text(json.dumps(after, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return faults


def check_fresh(root: Path) -> list[Fault]:
    """Blocs changés depuis leur exécution notée, et pages notées qui n'en ont plus."""
    if not (root / RECORD).is_file():
        return []  # le petit cours témoin n'en note pas
    entries, pages = known(root), digests(root)
    faults = [
        Fault(where, "bloc écrit dans la page, jamais exécuté depuis qu'il a changé", "lancer make outputs")
        for page, (source, where) in pages.items()
        if entries.get(page, {}).get("source") != source
    ]
    return faults + [
        Fault(f"{RECORD}:1", f"{page} n'a plus de bloc", "lancer make outputs") for page in entries.keys() - pages
    ]


def stamp(entry: dict[str, Any]) -> str:
    """Ce que dit le tampon commun aux blocs écrits dans une page."""
    when, versions = ledger.stamp(entry | {"versions": {}})
    return f"Blocs écrits dans la page : {when.replace('Vérifié', 'vérifiés')}{versions}"


def add_stamp(markdown: str, source: str, root: Path, link: str) -> str:
    """Pose ce tampon sous le dernier de ces blocs ; `source` est le chemin de la page dans `docs/`."""
    entry = known(root).get(f"docs/{source}")
    if entry is None or not (blocks := run_here(root / "docs" / source, root)):
        return markdown
    last = max(blocks)
    lines = markdown.split("\n")
    start = extract(markdown, source)[0][last].lineno - 1
    indent, mark = re.match(r"(\s*)(`+)", lines[start]).groups()  # type: ignore[union-attr]
    end = next(n for n in range(start + 1, len(lines)) if lines[n].strip() == mark)
    text = f'<span class="tampon-coche" aria-hidden="true">✓</span> {stamp(entry)} · {link}'
    lines[end + 1 : end + 1] = ["", f'{indent}<p class="tampon" data-page="docs/{source}">{text}</p>', ""]
    return "\n".join(lines)
