"""Chaque exemple est exécuté ; ses sorties publiées sont celles d'une nouvelle exécution."""

from collections.abc import Callable
from pathlib import Path

import conftest
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("snippets/a/script.py", "# --8<-- [start:x]\nimport helper\nprint(2)\n# --8<-- [end:x]\n"),
        ("snippets/a/helper.py", "# --8<-- [start:x]\nvalue = 2\n# --8<-- [end:x]\n"),
        ("snippets/a/example.toml", 'title = "B"\n'),
        ("tests/data/d.tar.xz", "autres données"),
        ("requirements.txt", "torch==0.0.1"),
    ],
)
def test_cache_forgets_when_an_input_changes(name: str, text: str, tmp_path: Path) -> None:
    files = {
        "snippets/a/script.py": "# --8<-- [start:x]\nimport helper\nprint(1)\n# --8<-- [end:x]\n",
        "snippets/a/helper.py": "# --8<-- [start:x]\nvalue = 1\n# --8<-- [end:x]\n",
        "snippets/a/example.toml": 'title = "A"\n',
        "tests/data/d.tar.xz": "données",
        "requirements.txt": "torch==2.15.0",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    before = runner.cache_key(Script(tmp_path, "a", "script"))
    assert runner.cache_key(Script(tmp_path, "a", "script")) == before
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert runner.cache_key(Script(tmp_path, "a", "script")) != before


def test_cache_depends_on_the_relevant_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = runner.cache_key(SCRIPTS[0])
    monkeypatch.setenv("EDITOR", "autre")
    assert runner.cache_key(SCRIPTS[0]) == before
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert runner.cache_key(SCRIPTS[0]) != before


def test_cache_of_long_checks_follows_sources_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("requirements.txt", "tests/a.py", "tests/node/node_modules/b.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr(conftest, "ROOT", tmp_path)
    before = conftest.inputs_key(("tests",))
    (tmp_path / "tests/node/node_modules/b.js").write_text("2", encoding="utf-8")
    assert conftest.inputs_key(("tests",)) == before
    (tmp_path / "tests/a.py").write_text("2", encoding="utf-8")
    assert conftest.inputs_key(("tests",)) != before
