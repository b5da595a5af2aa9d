"""Les commandes du README font ce qu'il annonce ; `tests/README.md` cite chaque fichier de la preuve."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

import pytest
import tasks
import witness
from proof import audit, bench, inline
from proof.project import ROOT, Fault

pytestmark = [
    pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml", "Makefile", "README.md"),
    pytest.mark.skipif(sys.platform == "win32", reason="sans make ; ces tâches y passent par tests/tasks.py"),
]
STARTUP = 600  # secondes laissées à `make serve` sur une machine occupée ; un arrêt, lui, se voit aussitôt


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Lance make avec ce Python ; les arguments suivent la commande."""
    command = ["make", f"PYTHON={sys.executable}", "ARGS=", *arguments]  # ceux de make test ne sont pas pour elles
    env = dict(os.environ) | variables
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8")


def test_make_lists_tasks() -> None:
    done = make()
    assert done.returncode == 0, done.stderr
    for task in (
        "make serve",
        "make test",
        "make build",
        "make pdf",
        "make audit",
        "make outputs",
        "make bench",
    ):
        assert task in done.stdout


def unsaid(readme: str) -> list[str]:
    """Tâches sans leur forme pour make ou pour PowerShell, et parties du banc, que ce README ne donne pas."""
    commands = [f"{tool} {task}" for task in tasks.TASKS for tool in ("make", r"py tests\tasks.py")]
    parts = [f"`{name}`" for name in bench.SUMMARIES]
    return [text for text in commands + parts if text not in readme]


def test_readme_gives_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not unsaid(readme)
    for text in (r"py tests\tasks.py audit", "make pdf", "`charge`"):
        assert unsaid(readme.replace(text, "…")) == [text]


def uncited(readme: str) -> list[str]:
    """Fichiers de la preuve que `tests/README.md` ne cite pas, et noms à lire qui n'existent plus."""
    files = {path.name: path for path in (ROOT / "tests").glob("*.py")}
    files |= {path.name: path for path in (ROOT / "tests/proof").rglob("*.py") if path.name != "__init__.py"}
    missing = [name for name in files if not re.search(rf"`(?:proof/)?{re.escape(name)}`", readme)]
    for name, wanted in re.findall(r"\*\*`(?:proof/)?(\w+\.py)`\*\* \(([^)]+)\)", readme):
        text = files[name].read_text(encoding="utf-8")
        passages = re.findall(r"`(\w+)`", wanted)
        missing += [f"{name}:{p}" for p in passages if not re.search(rf"^(?:def |class )?{p}\b", text, re.MULTILINE)]
    return missing


def test_tests_readme_cites_every_file() -> None:
    readme = (ROOT / "tests/README.md").read_text(encoding="utf-8")
    assert not uncited(readme)
    for name in ("demos.py", "proof/load.py", "proof_lines.py", "test_load.py"):
        assert uncited(readme.replace(f"`{name}`", "")) == [Path(name).name]
    assert uncited(readme.replace("`check_outcome`", "`check_all`")) == ["runner.py:check_all"]


def test_environment_follows_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Un `.venv` d'un autre Python est refait, et c'est dit ; celui de ce Python est gardé."""
    python, config = tmp_path / "python", tmp_path / "pyvenv.cfg"
    made: list[tuple[Path, dict[str, bool]]] = []
    monkeypatch.setattr(tasks, "VENV", tmp_path)
    monkeypatch.setattr(tasks, "PYTHON", python)
    monkeypatch.setattr(venv, "create", lambda folder, **options: made.append((folder, options)))
    tasks.create()
    assert made == [(tmp_path, {"with_pip": True, "clear": True})], "un environnement absent est créé"
    python.touch()
    config.write_text("home = /usr/bin\nversion = {}.{}.{}\n".format(*sys.version_info), encoding="utf-8")
    tasks.create()
    assert len(made) == 1
    assert "vient de Python" not in capsys.readouterr().out
    config.write_text("home = /usr/bin\nversion_info = 3.1.4\n", encoding="utf-8")
    tasks.create()
    assert len(made) == 2 and made[1] == made[0]
    assert ".venv vient de Python 3.1 : il est refait" in capsys.readouterr().out


def test_make_build_then_make_audit(built_site: Path) -> None:
    """`built_site` vient de `make build` : son HTML est prouvé, bloc par bloc, nombre par nombre."""
    audited = make("audit", f"ARGS={built_site}")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "aucun défaut" in audited.stdout


def test_audit_command_fails_on_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ce que l'audit sait voir est dans test_sabotage ; ici, la commande le dit et échoue."""
    (tmp_path / "index.html").write_text("<pre>1 / 0</pre>", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["audit", str(tmp_path)])
    monkeypatch.setattr(audit, "audit_site", lambda root, site: [Fault("a.md:1", "bloc sans preuve", "le prouver")])
    assert audit.main() == 1
    assert "a.md:1 : bloc sans preuve" in capsys.readouterr().err


def test_make_audit_without_site(tmp_path: Path) -> None:
    done = make("audit", f"ARGS={tmp_path}")
    assert done.returncode != 0 and "lancer make build" in done.stderr


def test_make_serve(built_site: Path, tmp_path: Path) -> None:
    """Le cours répond et se recharge ; attendre `built_site` évite deux installations de front."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            ["make", f"PYTHON={sys.executable}", "serve", "ARGS="],  # ceux de make test ne sont pas pour lui
            cwd=ROOT,
            env=dict(os.environ) | {"PORT": str(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        page, deadline = "", time.monotonic() + STARTUP
        while not page and server.poll() is None and time.monotonic() < deadline:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
            except OSError:
                time.sleep(0.5)
        assert "preuves à l" in page, (tmp_path / "serve.log").read_text(encoding="utf-8")[-3000:]
        assert "livereload" in page, "la page ne se recharge pas quand un fichier change"
    finally:
        if sys.platform != "win32" and server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def test_make_outputs_records_runs(tmp_path: Path) -> None:
    """`make outputs` sur le témoin : récrit les sorties, relève le plancher, garde l'ancien en cas d'échec."""
    root = witness.create(tmp_path / "cours")
    output = root / "snippets/temoin/outputs/demo/compute.txt"
    output.write_text("total : 9\n", encoding="utf-8")
    (root / "tests/floor.toml").write_text("proven_blocks = 2\n", encoding="utf-8")

    def record() -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(root / "tests"), str(ROOT / "tests/data")])  # MNIST n'est pas recopié
        env = dict(os.environ) | {"PYTHONPATH": path, "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "proof.outputs"]
        return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, encoding="utf-8")

    done = record()
    assert done.returncode == 0, done.stderr
    assert "[1/2] temoin/demo" in done.stdout
    assert output.read_text(encoding="utf-8") == "total : 0.420\n"
    assert "proven_blocks = 8" in (root / "tests/floor.toml").read_text(encoding="utf-8")
    assert inline.known(root).keys() == {"docs/index.md"}
    script = root / "snippets/temoin/demo.py"
    script.write_text(script.read_text(encoding="utf-8").replace("double(21)", "double(nul)"), encoding="utf-8")
    done = record()
    assert done.returncode == 1 and "NameError" in done.stderr
    assert output.read_text(encoding="utf-8") == "total : 0.420\n"
