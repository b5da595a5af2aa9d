"""Le partage des tests entre machines n'oublie rien, ne répète rien, et s'équilibre."""

import argparse
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import conftest
import pytest
import yaml
from proof import parts
from proof.project import ROOT, scripts

FILES = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "tests").glob("test_*.py"))]
NODEIDS = [f"tests/test_examples.py::test_example[{script.key}]" for script in scripts(ROOT)] + [
    f"{name}::test_{number}" for name in FILES for number in range(3)
]


@pytest.mark.parametrize("n_parts", [1, 2, 3, 8])
def test_parts_cover_everything_once(n_parts: int) -> None:
    chosen = [parts.select((k, n_parts), NODEIDS) for k in range(1, n_parts + 1)]
    units = [name for part in chosen for name in part]
    assert len(units) == len(set(units))
    assert set(units) == {parts.unit(nodeid) for nodeid in NODEIDS}


def test_longest_first_to_the_lightest() -> None:
    weights = {"court": 1.0, "long": 4.0, "moyen_a": 2.0, "moyen_b": 2.0, "petit": 1.0}
    split = parts.split(weights, 2)
    assert split == [["long", "court"], ["moyen_a", "moyen_b", "petit"]]
    assert parts.imbalance(weights, split) == 1
    assert parts.imbalance(weights, [["long", "moyen_a", "moyen_b"], ["court", "petit"]]) == 1.6


def test_parts_are_balanced() -> None:
    weights = parts.weigh({parts.unit(nodeid) for nodeid in NODEIDS})
    assert parts.imbalance(weights, parts.split(weights, parts.in_workflow())) < 1.02


def test_example_has_its_published_duration() -> None:
    script = scripts(ROOT)[0]
    published = json.loads((script.outputs / "ledger.json").read_text(encoding="utf-8"))["duration"]
    for kind in ("example", "notebook"):
        name = f"tests/test_examples.py::test_{kind}[{script.key}]"
        assert parts.unit(name) == name and parts.weigh([name]) == {name: published}


def test_unknown_test_counts_for_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "measured", lambda: {"tests/test_a.py": 2.0, "tests/test_b.py": 4.0})
    new = "tests/test_examples.py::test_example[nouveau/main]"
    assert parts.weigh(["tests/test_b.py", "tests/test_new.py", new]) == {
        "tests/test_b.py": 4,
        "tests/test_new.py": 3,
        new: 3,
    }


@pytest.mark.parametrize("part", ["0/3", "4/3", "3", "1/0", "a/b", "1/3/5"])
def test_impossible_part_is_refused(part: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="K entre 1 et N"):
        parts.parse(part)


def test_durations_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "DURATIONS", tmp_path / "durations.json")
    parts.record({"tests/test_code.py": 1.25, "tests/test_gone.py": 3, NODEIDS[0]: 5})
    parts.record({"tests/test_site.py": 2})
    assert parts.measured() == {"tests/test_code.py": 1.2, "tests/test_site.py": 2}


def test_every_file_is_measured() -> None:
    """Un fichier de tests sans durée compterait pour la moyenne, et le partage annoncé serait faux."""
    missing = {f"tests/{path.name}" for path in (ROOT / "tests").glob("test_*.py")} - parts.measured().keys()
    assert not missing, f'tests/durations.json:1 : sans durée : {missing} ; lancer make test ARGS="--noter-durees"'


def collect(part: tuple[int, int] | None) -> tuple[list[str], list[str]]:
    """Tests gardés et tests écartés par `conftest.py` avec `--part`."""
    spared: list[str] = []
    deselected = SimpleNamespace(pytest_deselected=lambda items: spared.extend(item.nodeid for item in items))
    config: Any = SimpleNamespace(getoption={"--part": part, "--sans-cache": True}.get, hook=deselected)
    items: Any = [SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name: None) for nodeid in NODEIDS]
    conftest.pytest_collection_modifyitems(config, items)
    return [item.nodeid for item in items], spared


def test_option_keeps_its_part_and_nothing_else() -> None:
    kept = [collect(parts.parse(f"{k}/3")) for k in (1, 2, 3)]
    assert all(sorted(mine + spared) == sorted(NODEIDS) for mine, spared in kept)
    assert sorted(nodeid for mine, _ in kept for nodeid in mine) == sorted(NODEIDS)
    everything, spared = collect(None)
    assert sorted(everything) == sorted(NODEIDS) and not spared


@pytest.mark.parametrize("n_workers", [1, 2, 3, 8])
def test_every_worker_begins_with_its_examples(n_workers: int) -> None:
    items: Any = [SimpleNamespace(nodeid=nodeid) for nodeid in reversed(NODEIDS)]
    ordered = [item.nodeid for item in conftest.examples_first(items, n_workers)]
    assert sorted(ordered) == sorted(NODEIDS)
    examples = [item.nodeid for item in items if "test_example[" in item.nodeid]
    for worker in range(n_workers):
        mine, begin = examples[worker::n_workers], worker * len(ordered) // n_workers
        assert ordered[begin : begin + len(mine)] == mine


def test_workflow_runs_every_part_before_the_site() -> None:
    jobs = yaml.safe_load(parts.WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    numbers = jobs["parts"]["strategy"]["matrix"]["part"]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 1
    commands = [step.get("run", "") for step in jobs["parts"]["steps"]]
    assert 'make test ARGS="--part ${{ matrix.part }}/${{ strategy.job-total }}"' in commands
    assert jobs["site"]["needs"] == "parts" and "if" not in jobs["site"]
    publishers = [name for name, job in jobs.items() if "upload-pages-artifact" in str(job)]
    assert publishers == ["site"] and not re.search("continue-on-error", str(jobs))
