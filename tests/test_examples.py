"""Chaque exemple est exécuté ; ses sorties publiées sont celles d'une nouvelle exécution."""

from collections.abc import Callable

import pytest
from proof import ledger, notebook, runner
from proof.project import ROOT, Script, check_layout, report, scripts

SCRIPTS = scripts(ROOT)
NOTEBOOKS = notebook.notebook_scripts(ROOT)


def test_layout() -> None:
    faults = check_layout(ROOT) + ledger.check_orphans(ROOT)
    assert not faults, report(faults)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.key)
def test_example(script: Script, use_cache: bool, say: Callable[[str], None]) -> None:
    say(f"exemple {SCRIPTS.index(script) + 1} sur {len(SCRIPTS)}")
    faults = ledger.compare(script, runner.run(script, use_cache, say))
    assert not faults, report(faults)


@pytest.mark.parametrize("script", NOTEBOOKS, ids=lambda script: script.key)
def test_notebook(script: Script, use_cache: bool, say: Callable[[str], None]) -> None:
    say(f"carnet {NOTEBOOKS.index(script) + 1} sur {len(NOTEBOOKS)}")
    faults = notebook.compare(script, notebook.run(script, use_cache))
    assert not faults, report(faults)
