"""Chaque exemple est exécuté ; ses sorties publiées sont celles d'une nouvelle exécution."""

import io
import math
import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import conftest
import mobilenet_keras
import mobilenet_torch
import pytest
from proof import exercises, interpreter, ledger, notebook, parts, runner
from proof.project import ROOT, Script, check_layout, report, scripts

# Les plus longs d'abord : un seul exemple ne finit pas seul, quand les autres processus n'ont plus rien à faire.
SCRIPTS = sorted(scripts(ROOT), key=lambda script: -parts.examples().get(script.key, math.inf))
NOTEBOOKS = notebook.notebook_scripts(ROOT)
MODULES = exercises.modules(ROOT)
Record = Callable[[str, object], None]


def quiet(text: str) -> None:
    """L'avancement d'un test est dit par le processus principal : voir `conftest.show_progress`."""


def test_layout() -> None:
    faults = check_layout(ROOT) + ledger.check_orphans(ROOT)
    assert not faults, report(faults)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.key)
def test_example(script: Script, use_cache: bool, record_property: Record) -> None:
    record_property("progress", f"exemple {len(SCRIPTS)}")
    try:
        fresh = runner.run(script, use_cache, say=quiet)
    except runner.MissingData as missing:
        pytest.skip(str(missing))
    faults = ledger.compare(script, fresh)
    assert not faults, report(faults)


@pytest.mark.parametrize("script", NOTEBOOKS, ids=lambda script: script.key)
def test_notebook(script: Script, use_cache: bool, record_property: Record) -> None:
    record_property("progress", f"carnet {len(NOTEBOOKS)}")
    faults = notebook.compare(script, notebook.run(script, use_cache))
    assert not faults, report(faults)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.folder)
def test_exercises(module: exercises.Module, use_cache: bool, record_property: Record) -> None:
    """Les solutions d'un module passent dans un carnet ; chaque énoncé vide y échoue par un de ses tests."""
    record_property("progress", f"carnet d'exercices {len(MODULES)}")
    faults = exercises.compare(module, exercises.run(module, use_cache))
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("snippets/a/script.py", "# --8<-- [start:x]\nimport helper\nprint(2)\n# --8<-- [end:x]\n"),
        ("snippets/a/helper.py", "# --8<-- [start:x]\nvalue = 2\n# --8<-- [end:x]\n"),
        ("snippets/a/settings.json", "2"),
        ("snippets/b/outputs/main/weights.json", "2"),
        ("snippets/a/example.toml", 'title = "B"\nmodules = ["helper"]\n'),
        ("tests/data/d.tar.xz", "autres données"),
        ("requirements.txt", "torch==0.0.1"),
    ],
)
def test_cache_forgets_when_an_input_changes(name: str, text: str, tmp_path: Path) -> None:
    files = {
        "snippets/a/script.py": "# --8<-- [start:x]\nimport helper\nprint(1)\n# --8<-- [end:x]\n",
        "snippets/a/helper.py": "# --8<-- [start:x]\nvalue = 1\n# --8<-- [end:x]\n",
        "snippets/a/settings.json": "1",
        "snippets/a/example.toml": 'title = "A"\nmodules = ["helper"]\ninputs = ["b/outputs/main/weights.json"]\n',
        "snippets/b/outputs/main/weights.json": "1",
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


INTERPRETER = pytest.mark.cached("tests/test_examples.py", "tests/conftest.py", "tests/proof")
FIRST = """\
import sys
import tempfile

import torch

torch.planted = sys.planted = True
open("trace", "w").close()
open(tempfile.gettempdir() + "/trace", "w").close()
"""
SECOND = """\
import os
import sys
import tempfile

import torch

assert not hasattr(torch, "planted") and not hasattr(sys, "planted")
assert os.listdir() == [] and "trace" not in os.listdir(tempfile.gettempdir())
assert "torchvision" not in sys.modules and "matplotlib" not in sys.modules
raise KeyError("lu")
"""


def small_script(root: Path, name: str, text: str, manifest: str = "") -> Script:
    """Script d'un projet de test, d'une seule section."""
    folder = root / "snippets" / name
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(f"# --8<-- [start:x]\n{text}# --8<-- [end:x]\n", encoding="utf-8")
    (folder / "example.toml").write_text(f'title = "A"\n{manifest}', encoding="utf-8")
    return Script(root, name, "main")


@INTERPRETER
def test_an_imported_library_is_shared_and_nothing_else(tmp_path: Path) -> None:
    for name, text, manifest in (("a", FIRST, ""), ("b", SECOND, 'fails_with = "KeyError"\n')):
        (tmp_path / "run" / name).mkdir(parents=True)
        runner.execute(small_script(tmp_path, name, text, manifest), tmp_path / "run" / name)


@INTERPRETER
@pytest.mark.parametrize(
    ("line", "library"),
    [("import os; os.environ", None), ("from os import environ", None), ("print('environ dix')", "keras")],
)
def test_a_script_that_sets_its_environment_imports_alone(line: str, library: str | None, tmp_path: Path) -> None:
    """Keras lit son moteur en s'important : importé d'avance, il ne verrait pas celui que le script choisit."""
    assert interpreter.preloadable(small_script(tmp_path, "a", f"{line}\nimport keras\n"), {"keras"}) == library


@INTERPRETER
def test_a_submodule_not_imported_is_missing(tmp_path: Path) -> None:
    """Un interpréteur qui l'aurait importé d'avance cacherait au lecteur qu'il lui manque une ligne."""
    with pytest.raises(runner.RunFailure, match="AttributeError"):
        runner.execute(small_script(tmp_path, "a", "import matplotlib\n\nmatplotlib.pyplot\n"), tmp_path)


@INTERPRETER
@pytest.mark.parametrize("library", ["json", "torch"])
def test_an_endless_script_is_stopped(library: str, tmp_path: Path) -> None:
    script = small_script(tmp_path, "a", f"import {library}\n\nwhile {library}:\n    pass\n", "time_limit = 5\n")
    with pytest.raises(runner.RunFailure, match="plus de 5 s"):
        runner.execute(script, tmp_path)


@INTERPRETER
@pytest.mark.parametrize("library", ["json", "torch"])
@pytest.mark.parametrize("start", ["atexit.register(late)", "threading.Timer(0.5, late).start()"])
def test_a_warning_at_the_very_end_is_seen(start: str, library: str, tmp_path: Path) -> None:
    """Ce qui attend la fin du script, fonction ou fil de calcul, a lieu, et se voit."""
    imports = f"import atexit\nimport sys\nimport threading\nfrom functools import partial\n\nimport {library}\n"
    text = f'{imports}\nlate = partial(print, "trop tard", file=sys.stderr, end="")\n{start}\nprint({library})\n'
    with pytest.raises(runner.RunFailure, match="avertissement à l'exécution :\ntrop tard"):
        runner.execute(small_script(tmp_path, "a", text), tmp_path)


@INTERPRETER
@pytest.mark.parametrize("library", ["json", "torch"])
def test_a_script_that_dies_is_seen(library: str, tmp_path: Path) -> None:
    script = small_script(tmp_path, "a", f"import {library}\nimport os\n\nos.kill(os.getpid(), 9)\nprint({library})\n")
    with pytest.raises(runner.RunFailure, match="interpréteur arrêté"):
        runner.execute(script, tmp_path)


def test_a_success_travels_to_another_machine(tmp_path: Path) -> None:
    """Les parts de l'intégration continue transmettent `.cache/proof` à la machine qui construit le site."""
    here, there, changed = (small_script(tmp_path / name, "a", "print(1)\n") for name in "abc")
    changed.path.write_text(changed.path.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    for script in (here, there, changed):
        (script.root / "requirements.txt").write_text("", encoding="utf-8")
    assert not runner.run(here).cached
    for script in (there, changed):
        shutil.copytree(here.root / ".cache/proof", script.root / ".cache/proof")
    assert runner.run(there).cached and not runner.run(changed).cached


def test_cache_depends_on_the_relevant_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = runner.cache_key(SCRIPTS[0])
    for name in ("EDITOR", "KERAS_HOME", "TORCH_HOME"):  # le bac à sable a ses propres dossiers de poids
        monkeypatch.setenv(name, "autre")
    assert runner.cache_key(SCRIPTS[0]) == before
    for name in ("OMP_NUM_THREADS", "KERAS_BACKEND", "TORCH_LOGS"):
        with monkeypatch.context() as changed:
            changed.setenv(name, "1")
            assert runner.cache_key(SCRIPTS[0]) != before, name


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


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [
        (("passed", "passed", "passed"), True),
        (("passed", "failed", "passed"), False),
        (("passed", "passed", "failed"), False),
        (("skipped", "passed"), False),
    ],
)
def test_only_a_whole_success_is_kept(
    outcomes: tuple[str, ...], kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Un échec à la clôture d'un test compte aussi, et fait oublier un succès d'avant."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(conftest, "SUCCESSES", tmp_path / "tests.json")
    monkeypatch.setattr(conftest, "NOT_PASSED", set())
    monkeypatch.setattr(conftest, "DURATIONS", {})
    (tmp_path / "tests.json").write_text('{"a.py::test": "avant"}', encoding="utf-8")
    steps = ["setup", "call", "teardown"] if len(outcomes) == 3 else ["setup", "teardown"]
    for when, outcome in zip(steps, outcomes, strict=True):
        report = pytest.TestReport("a.py::test", ("a.py", 0, "test"), {}, outcome, None, when)  # type: ignore[arg-type]
        report.user_properties.append(("key", "clé"))
        conftest.pytest_runtest_logreport(report)
    assert conftest.known_successes() == ({"a.py::test": "clé"} if kept else {})


@pytest.mark.parametrize("library", [mobilenet_keras, mobilenet_torch], ids=lambda library: library.__name__)
def test_weights_come_from_the_cache_or_say_what_is_missing(
    library: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: object, **options: object) -> None:
        raise OSError("réseau absent")

    variable, home = runner.WEIGHTS[library.__name__], tmp_path / "cache"
    monkeypatch.setenv(variable, str(home))
    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    with pytest.raises(OSError, match="Poids introuvables") as missing:
        library.prepare(tmp_path / "absent")
    assert next(iter(library.FILES.values()))[0] in str(missing.value)
    assert str(home) in str(missing.value)

    for path in library.FILES:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(b"poids")
    prepared = library.prepare(tmp_path / "present")
    assert all((prepared / path).read_bytes() == b"poids" for path in library.FILES)


def test_missing_data_is_a_reason_not_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(folder: Path) -> Path:
        raise OSError("Poids introuvables")

    monkeypatch.setattr(mobilenet_torch, "prepare", nowhere)
    with pytest.raises(runner.MissingData, match="Poids introuvables"):
        runner.sandbox_environment(tmp_path, ["mobilenet_torch"])


def test_weights_are_given_only_to_the_example_that_declares_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", "/ailleurs")
    monkeypatch.setattr(mobilenet_torch, "prepare", lambda folder: tmp_path / "poids")
    assert runner.sandbox_environment(tmp_path, [])["TORCH_HOME"] == str(tmp_path / "home" / "torch")
    assert runner.sandbox_environment(tmp_path, ["mobilenet_torch"])["TORCH_HOME"] == str(tmp_path / "poids")


def test_a_corrupted_download_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "vide"))
    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **options: io.BytesIO(b"autre chose"))
    with pytest.raises(ValueError, match="empreinte SHA-256 inattendue"):
        mobilenet_torch.prepare(tmp_path / "poids")
