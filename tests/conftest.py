"""Options et ressources communes des tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demos import PAGES, OpenDemo, start_demo
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page
from proof import browser, parts, site
from proof.project import ROOT, sha256

SUCCESSES = ROOT / ".cache/proof/tests.json"
BEGAN = time.monotonic()
DURATIONS: dict[str, float] = {}  # unité de partage → secondes passées dans ses tests
PROGRESS: dict[str, int] = {}  # « exemple 212 » → combien ont fini
NOT_PASSED: set[str] = set()  # tests échoués ou sautés, à une étape ou à une autre
GENERATED = ("__pycache__", "node_modules")
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ajoute `--sans-cache`, `--part` et `--noter-durees`."""
    parser.addoption("--sans-cache", action="store_true", help="exécuter tous les exemples, même déjà réussis")
    parser.addoption("--part", type=parts.parse, metavar="K/N", help="ne prendre que la K-ième part des tests, sur N")
    parser.addoption("--noter-durees", action="store_true", help="garder la durée de chaque fichier de tests")


def inputs_key(inputs: tuple[str, ...]) -> str:
    """Empreinte de tout ce dont un test déclaré `cached` dépend : fichiers et dossiers cités, verrous, machine."""
    locks = {path for path in (ROOT / "requirements.txt", ROOT / "requirements/site.txt") if path.is_file()}
    files = locks | {*(ROOT / name for name in inputs if (ROOT / name).is_file())}
    for name in inputs:
        for folder, below, found in os.walk(ROOT / name):
            below[:] = [n for n in below if n not in GENERATED]  # ne pas y descendre
            files |= {Path(folder) / n for n in found}
    tools = [path.name for path in (ROOT / "tests/node/node_modules").glob("*")]  # Pyodide est là, ou non
    parts = [f"{sys.version} {browser.version()} {sorted(tools)}".encode()]
    for path in sorted(files):
        parts += [path.relative_to(ROOT).as_posix().encode(), path.read_bytes()]
    return sha256(*parts)


def known_successes() -> dict[str, str]:
    """Tests `cached` déjà réussis : identifiant → empreinte de leurs entrées."""
    try:
        data: dict[str, str] = json.loads(SUCCESSES.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return data


def pytest_xdist_auto_num_workers() -> int:
    """Un processus de test de plus que de cœurs : les navigateurs et les serveurs passent du temps à attendre."""
    return (os.cpu_count() or 1) + 1


def examples_first(items: list[pytest.Item], n_workers: int) -> list[pytest.Item]:
    """Le même ordre, mais chaque processus de test commence par sa part des exemples, les plus longs de tous les tests.

    xdist découpe la liste en tranches égales, puis un processus qui a fini prend la fin de la tranche d'un autre : il y
    trouve ainsi des tests courts, et aucun processus ne finit seul.
    """
    examples = [item for item in items if parts.EXAMPLE.search(item.nodeid)]
    others = [item for item in items if not parts.EXAMPLE.search(item.nodeid)]
    ordered: list[pytest.Item] = []
    for worker in range(n_workers):
        mine = examples[worker::n_workers]
        size = max(0, (worker + 1) * len(items) // n_workers - len(ordered) - len(mine))
        ordered += [*mine, *others[:size]]
        others = others[size:]
    return ordered + others


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Garde la part demandée, puis écarte les tests `cached` inchangés depuis leur succès (sauf CI, --sans-cache)."""
    if part := config.getoption("--part"):
        mine = parts.select(part, [item.nodeid for item in items])
        config.hook.pytest_deselected(items=[item for item in items if parts.unit(item.nodeid) not in mine])
        items[:] = [item for item in items if parts.unit(item.nodeid) in mine]
    known, kept, spared = known_successes(), [], []
    keys: dict[tuple[str, ...], str] = {}
    for item in items:
        marker = item.get_closest_marker("cached")
        if marker is not None:
            if marker.args not in keys:  # relire le dépôt à chaque test prendrait une minute
                keys[marker.args] = inputs_key(marker.args)
            key = keys[marker.args]
            item.user_properties.append(("key", key))
            if known.get(item.nodeid) == key and not (IN_CI or config.getoption("--sans-cache")):
                spared.append(item)
                continue
        kept.append(item)
    items[:] = examples_first(kept, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))
    if spared:
        config.hook.pytest_deselected(items=spared)
        print(f"\n{len(spared)} contrôles déjà réussis sur ces mêmes sources : repris du cache.")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Compte la durée, et retient le succès d'un test `cached`, clôture comprise ; un échec n'est jamais retenu."""
    properties = dict(report.user_properties)
    key = properties.get("key")
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # seul le processus principal écrit
    name = parts.unit(report.nodeid)
    DURATIONS[name] = DURATIONS.get(name, 0) + report.duration
    if report.when == "call" and "progress" in properties:
        show_progress(str(properties["progress"]), report)
    if report.when == "call" and "said" in properties:
        print(f"\n    {properties['said']}", flush=True)
    if not report.passed:
        NOT_PASSED.add(report.nodeid)
    if key is not None and report.when == "teardown":
        known = known_successes()
        known.pop(report.nodeid, None)
        if report.nodeid not in NOT_PASSED:
            known[report.nodeid] = str(key)
        SUCCESSES.parent.mkdir(parents=True, exist_ok=True)
        SUCCESSES.write_text(json.dumps(known, indent=0), encoding="utf-8")


def show_progress(total: str, report: pytest.TestReport) -> None:
    """Dit quel exemple vient de finir, combien il en reste, et le temps passé depuis le début."""
    PROGRESS[total] = PROGRESS.get(total, 0) + 1
    kind, _, count = total.rpartition(" ")
    minutes, seconds = divmod(int(time.monotonic() - BEGAN), 60)
    name = report.nodeid.partition("[")[2].rstrip("]")
    result = "réussi" if report.passed else "échec"
    text = f"[{minutes:02d}:{seconds:02d}] {kind} {PROGRESS[total]} sur {count} : {name}, {result}"
    print(f"\n    {text} en {report.duration:.0f} s", flush=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Compare la durée d'une part à celle que prévoyait le partage ; garde les durées si on le demande."""
    if part := config.getoption("--part"):
        text = "Part {}/{}, tests bout à bout : {:.0f} s prévues, {:.0f} s mesurées"
        planned = sum(parts.weigh(DURATIONS).values())
        terminalreporter.write_line(text.format(*part, planned, sum(DURATIONS.values())))
    if config.getoption("--noter-durees"):
        parts.record(DURATIONS)


def refuse_skip(outcome: Any, what: str) -> None:
    """Change un saut en échec, en intégration continue."""
    result = outcome.get_result()
    if IN_CI and result.skipped:
        result.outcome = "failed"
        result.longrepr = f"{what} sauté en intégration continue ({result.longrepr})"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """En intégration continue, un test sauté est un échec : il cacherait une dépendance absente."""
    outcome = yield
    refuse_skip(outcome, f"{item.nodeid} : test")


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """De même si c'est un fichier entier qui se saute, à sa lecture."""
    outcome = yield
    refuse_skip(outcome, f"{collector.nodeid} : fichier")


@pytest.fixture(scope="session")
def use_cache(request: pytest.FixtureRequest) -> bool:
    """Les succès gardés en cache peuvent-ils servir ?"""
    return not (IN_CI or request.config.getoption("--sans-cache"))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dossier commun à tous les processus de test."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built_site(shared_folder: Path) -> Path:
    """Le site, construit une fois pour tous les processus de test, par la commande `make build` du README."""
    folder, partial = shared_folder / "site", shared_folder / "site.partial"
    with FileLock(shared_folder / "site.lock"):
        if not folder.is_dir():
            command = ["make", f"PYTHON={sys.executable}", "build", f"ARGS=--site-dir {partial}"]
            if sys.platform == "win32":
                command = [sys.executable, "tests/tasks.py", "build", "--", "--site-dir", str(partial)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
            assert done.returncode == 0, done.stdout + done.stderr
            partial.rename(folder)
    return folder


@pytest.fixture(scope="session")
def expanded(shared_folder: Path) -> dict[str, str]:
    """Markdown développé de chaque page, calculé une fois pour tous les processus de test."""
    path = shared_folder / "expanded.json"
    with FileLock(shared_folder / "expanded.lock"):
        if not path.is_file():
            path.write_text(json.dumps(site.expand(ROOT)), encoding="utf-8")
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, ouvert une fois par fichier de tests."""
    with browser.launch() as instance:
        yield instance


@pytest.fixture(scope="module")
def url(built_site: Path) -> Iterator[str]:
    """Adresse du site servi, avec / final."""
    with browser.serve(built_site) as address:
        yield address


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Le navigateur d'un nouveau lecteur, sur ordinateur et en clair."""
    context = chromium.new_context(**browser.READER)
    yield context
    context.close()


@pytest.fixture
def open_demo(chromium: Browser, built_site: Path) -> Iterator[OpenDemo]:
    """Ouvre la page d'une démo et attend qu'elle ait démarré ; à la fin, rien n'est parti ailleurs, aucune erreur."""
    contexts, refused, errors = [], [], []

    def open_page(name: str, start: bool = True, url: str = "", before: str = "", **options: Any) -> Page:
        context = chromium.new_context(**(browser.READER | options))
        contexts.append(context)
        refused.append(browser.watch(context))
        page = context.new_page()
        errors.append(browser.page_errors(page))
        if before:
            page.add_init_script(before)
        page.goto(url + PAGES[name] if url else (built_site / PAGES[name]).as_uri())
        if start:
            start_demo(page, name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not any(refused), f"une démo appelle d'autres hôtes : {refused}"
    assert not any(errors), f"une démo laisse des erreurs : {errors}"
