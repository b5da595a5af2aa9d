"""Options et ressources communes des tests."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proof import site
from proof.project import ROOT

BEGAN = time.monotonic()
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ajoute `--sans-cache`."""
    parser.addoption("--sans-cache", action="store_true", help="exécuter tous les exemples, même déjà réussis")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """En intégration continue, un test sauté est un échec : il cacherait une dépendance absente."""
    outcome = yield
    result = outcome.get_result()  # type: ignore[attr-defined]
    if IN_CI and result.skipped:
        result.outcome = "failed"
        result.longrepr = f"{item.nodeid} : test sauté en intégration continue ({result.longrepr})"


@pytest.fixture(scope="session")
def use_cache(request: pytest.FixtureRequest) -> bool:
    """Les succès gardés en cache peuvent-ils servir ?"""
    return not (IN_CI or request.config.getoption("--sans-cache"))


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Écrit une ligne d'avancement dans le terminal, avec le temps écoulé."""
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def write(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - BEGAN), 60)
        if terminal is not None:
            terminal.write_line(f"    [{minutes:02d}:{seconds:02d}] {text}")

    return write


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Le site, construit une fois en mode strict."""
    return site.build(ROOT, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def expanded() -> dict[str, str]:
    """Markdown développé de chaque page."""
    return site.expand(ROOT)
