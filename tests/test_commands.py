"""Les commandes du README font ce qu'il annonce."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import witness
from proof import audit
from proof.project import ROOT, Fault

pytestmark = [
    pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml", "Makefile", "README.md"),
    pytest.mark.skipif(sys.platform == "win32", reason="sans make ; ces tâches y passent par tests/tasks.py"),
]
STARTUP = 120  # secondes laissées à `make serve`, environnement déjà installé


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Lance make avec ce Python ; les arguments suivent la commande."""
    command = ["make", f"PYTHON={sys.executable}", *arguments]
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


def test_make_serve() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["make", f"PYTHON={sys.executable}", "serve"],
        cwd=ROOT,
        env=dict(os.environ) | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        page, deadline = "", time.monotonic() + STARTUP
        while not page and time.monotonic() < deadline:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
            except OSError:
                time.sleep(0.5)
        assert "preuves à l" in page
        assert "livereload" in page, "la page ne se recharge pas quand un fichier change"
    finally:
        if sys.platform != "win32":
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def test_make_outputs_records_runs(tmp_path: Path) -> None:
    """`make outputs` sur le témoin : récrit les sorties, relève le plancher, garde l'ancien en cas d'échec."""
    root = witness.create(tmp_path / "cours")
    output = root / "snippets/temoin/outputs/demo/compute.txt"
    output.write_text("total : 9\n", encoding="utf-8")
    (root / "tests/floor.toml").write_text("proven_blocks = 2\n", encoding="utf-8")

    def record() -> subprocess.CompletedProcess[str]:
        env = dict(os.environ) | {"PYTHONPATH": str(root / "tests"), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "proof.outputs"]
        return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, encoding="utf-8")

    done = record()
    assert done.returncode == 0, done.stderr
    assert "[1/2] temoin/demo" in done.stdout
    assert output.read_text(encoding="utf-8") == "total : 0.420\n"
    assert "proven_blocks = 8" in (root / "tests/floor.toml").read_text(encoding="utf-8")
    script = root / "snippets/temoin/demo.py"
    script.write_text(script.read_text(encoding="utf-8").replace("double(21)", "double(nul)"), encoding="utf-8")
    done = record()
    assert done.returncode == 1 and "NameError" in done.stderr
    assert output.read_text(encoding="utf-8") == "total : 0.420\n"
