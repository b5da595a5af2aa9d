"""Carnets Jupyter : produits depuis les sections d'un script, exécutés dans le même bac à sable.

Un carnet publié garde dans ses métadonnées l'empreinte de ses sorties : une sortie retouchée se voit.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from proof.ledger import numbers_differ
from proof.project import Fault, Script, scripts, sha256
from proof.runner import TIME_LIMIT, RunFailure, cache_key, sandbox_environment, stderr_lines
from proof.typography import typeset


def notebook_scripts(root: Path) -> list[Script]:
    """Scripts dont le manifeste demande un carnet (`notebook = "…"`, chemin dans `docs/`)."""
    return [script for script in scripts(root) if "notebook" in script.manifest]


def notebook_path(script: Script) -> Path:
    """Fichier du carnet publié."""
    return script.root / "docs" / str(script.manifest["notebook"])


def generate(script: Script) -> Any:
    """Carnet sans sortie : un titre et une cellule par section, dans l'ordre du script."""
    titles: dict[str, str] = script.manifest["sections"]
    cells = [nbformat.v4.new_markdown_cell(typeset(script.manifest["notebook_intro"].strip()), id="introduction")]
    for name in script.sections:
        cells.append(nbformat.v4.new_markdown_cell(f"## {typeset(titles[name])}", id=f"titre-{name}"))
        cells.append(nbformat.v4.new_code_cell(script.section_text(name), id=f"code-{name}"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


def execute(script: Script) -> Any:
    """Carnet exécuté de bout en bout dans un dossier vide ; toute erreur lève RunFailure."""
    notebook = generate(script)
    with tempfile.TemporaryDirectory(prefix="carnet-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "work").mkdir()
        env = sandbox_environment(folder, script.manifest.get("data", []))
        env["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        client = NotebookClient(
            notebook,
            timeout=script.manifest.get("time_limit", TIME_LIMIT),
            kernel_name="python3",
            allow_errors=False,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--InteractiveShell.ast_node_interactivity=none"],
            resources={"metadata": {"path": str(folder / "work")}},
        )
        try:
            client.execute(env=env)
        except CellExecutionError as error:
            raise RunFailure(f"docs/{script.manifest['notebook']}:1 : {error}") from error
        if (log := folder / "network.log").is_file():
            raise RunFailure(f"{script.key} : connexion à {log.read_text(encoding='utf-8').strip()}")
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = script.manifest["figures"][cell.id.removeprefix("code-")]
                output.metadata["image/png"] = {"alt": alt}
            if output.get("name") == "stderr" and stderr_lines(output["text"]):
                raise RunFailure(f"{script.key} : avertissement dans le carnet :\n{output['text']}")
    return notebook


def run(script: Script, use_cache: bool = True) -> Any:
    """Carnet exécuté, ou repris d'un succès en cache."""
    version = sha256(cache_key(script).encode(), Path(__file__).read_bytes())[:20]
    kept = script.root / ".cache" / "proof" / f"carnet-{script.example}-{script.name}-{version}.ipynb"
    if use_cache and kept.is_file():
        return nbformat.read(kept, as_version=4)
    notebook = execute(script)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return notebook


def outputs(cell: Any) -> list[Any]:
    """Sorties d'une cellule ; aucune pour une cellule de texte."""
    found: list[Any] = cell.get("outputs", [])
    return found


def kinds(cell: Any) -> list[tuple[str, ...]]:
    """Nature de chaque sortie d'une cellule : un texte imprimé, ou les formats d'une figure."""
    return [(out.output_type, *sorted(out.get("data", {}))) for out in outputs(cell)]


def seal(notebook: Any) -> str:
    """Empreinte de toutes les sorties d'un carnet, figures comprises."""
    return sha256(json.dumps([outputs(cell) for cell in notebook.cells], sort_keys=True).encode())


def check_outputs(notebook: Any, where: str) -> list[Fault]:
    """Les sorties du carnet publié sont celles de son exécution : textes et figures, sans erreur ni HTML."""
    faults = []
    found = {kind for cell in notebook.cells for kind in kinds(cell)}
    if any("error" in kind for kind in found):
        faults.append(Fault(where, "le carnet publié contient une erreur", "corriger l'exemple, lancer make outputs"))
    elif strange := found - {("stream",), ("display_data", "image/png", "text/plain")}:
        what = f"sortie de carnet d'une nature inattendue : {sorted(strange)}"
        faults.append(Fault(where, what, "lancer make outputs ; n'afficher que du texte et des figures"))
    if notebook.metadata.get("empreinte") != seal(notebook):
        faults.append(Fault(where, "les sorties du carnet ne sont pas celles de l'exécution", "lancer make outputs"))
    return faults


def save(path: Path, notebook: Any) -> None:
    """Publie un carnet, avec l'empreinte de ses sorties."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook.metadata["empreinte"] = seal(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def write(script: Script, notebook: Any) -> None:
    """Publie le carnet exécuté."""
    save(notebook_path(script), notebook)


def check_fresh(script: Script) -> list[Fault]:
    """Sans exécuter : le carnet publié a-t-il les cellules du script, et aucune erreur ?"""
    where = notebook_path(script).relative_to(script.root).as_posix() + ":1"
    if not notebook_path(script).is_file():
        return [Fault(where, "carnet absent", "lancer make outputs")]
    published = nbformat.read(notebook_path(script), as_version=4)
    cells = [(cell.cell_type, cell.source) for cell in published.cells]
    if cells != [(cell.cell_type, cell.source) for cell in generate(script).cells]:
        return [Fault(where, "le carnet n'est plus celui que donne le script", "lancer make outputs")]
    return check_outputs(published, where)


def compare(script: Script, fresh: Any) -> list[Fault]:
    """Différences entre les sorties publiées et une nouvelle exécution, aux tolérances du manifeste."""
    if faults := check_fresh(script):
        return faults
    published = nbformat.read(notebook_path(script), as_version=4)
    where = notebook_path(script).relative_to(script.root).as_posix() + ":1"
    for old, new in zip(published.cells, fresh.cells, strict=True):
        tolerance = script.manifest.get("tolerances", {}).get(old.id.removeprefix("code-"), 0)
        if change := cells_differ(old, new, tolerance):
            faults.append(Fault(where, f"cellule {old.id} : {change}", "lancer make outputs"))
    return faults


def cells_differ(old: Any, new: Any, tolerance: float) -> str | None:
    """Première différence entre les sorties de deux cellules : nature, textes, nombres à `tolerance` près ; ou None."""
    if kinds(old) != kinds(new):
        return f"sorties {kinds(old)}, à la nouvelle exécution {kinds(new)}"
    texts = ["".join(out.get("text", "") for out in outputs(cell)) for cell in (old, new)]
    return numbers_differ(texts[0], texts[1], tolerance)
