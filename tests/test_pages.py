"""Chaque page : ses blocs se rattachent à une preuve, son code écrit sur place tourne."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from proof import glossary, inline, pages, project, race
from proof.project import ROOT, report

PAGES = pages.markdown_files(ROOT)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_blocks(path: Path) -> None:
    faults = pages.check_page(path, ROOT)
    assert not faults, report(faults)


@pytest.mark.cached("tests", "docs", "snippets", "overrides", "mkdocs.yml", "README.md", ".ci/run")
@pytest.mark.parametrize("path", PAGES, ids=name)
def test_inline_code_runs(path: Path, expanded: dict[str, str]) -> None:
    text = expanded.get(name(path), path.read_text(encoding="utf-8"))
    faults = inline.run_python(path, ROOT, text) + inline.run_shell(path, ROOT, text)
    assert not faults, report(faults)


def test_recorded_blocks_follow_their_pages(tmp_path: Path) -> None:
    """Un bloc changé, en échec ou retiré se voit ; le tampon suit le dernier bloc, au même retrait."""
    page = "# A\n\n```python\nx = 1\n```\n\n!!! note\n\n    ```sh\n    true\n    ```\n\nFin.\n"
    path = tmp_path / "docs/a.md"
    path.parent.mkdir()
    path.write_text(page, encoding="utf-8")
    assert not inline.record(tmp_path, {}) and not inline.check_fresh(tmp_path)
    stamped = inline.add_stamp(page, "a.md", tmp_path, "lien")
    assert re.search(r'true\n    ```\n\n    <p class="tampon" data-page="docs/a.md">.* · lien</p>\n\n\nFin', stamped)
    path.write_text(page.replace("x = 1", "x = 1 / 0"), encoding="utf-8")
    assert [fault.where for fault in inline.check_fresh(tmp_path)] == ["docs/a.md:3"]
    assert inline.record(tmp_path, {}) and inline.known(tmp_path) == {}, "un échec est noté comme un succès"
    path.write_text(page, encoding="utf-8")
    assert not inline.record(tmp_path, {})
    path.write_text("# A\n", encoding="utf-8")
    assert "docs/a.md n'a plus de bloc" in report(inline.check_fresh(tmp_path))


def test_every_block_of_the_course_is_recorded() -> None:
    assert inline.known(ROOT).keys() == inline.digests(ROOT).keys() != set()


def test_first_use_of_a_term_is_linked(tmp_path: Path) -> None:
    (tmp_path / "docs/ressources").mkdir(parents=True)
    entries = "[{terme: perte, formes: [pertes], definition: 'un nombre.', lecon: a.md}]"
    (tmp_path / "docs/ressources/glossaire.yml").write_text(entries, encoding="utf-8")
    page = (
        "# La perte\n\n`perte` et [perte](b.md), puis les Pertes, et la perte ; *perte*.\n\n```python\nperte = 1\n```"
    )
    link = '[Pertes](../ressources/glossaire.md#perte "un nombre."){ .terme }'
    assert glossary.link_terms(page, "module-1/a.md", tmp_path) == page.replace("Pertes", link)
    assert glossary.link_terms(page, glossary.PAGE, tmp_path) == page


def test_a_word_with_another_meaning_is_not_linked(tmp_path: Path) -> None:
    (tmp_path / "docs/ressources").mkdir(parents=True)
    other = "{terme: précision, definition: b, lecon: a.md, sauf: [double précision]}"
    entries = f"[{{terme: ReLU, definition: a, lecon: a.md}}, {other}]"
    (tmp_path / "docs/ressources/glossaire.yml").write_text(entries, encoding="utf-8")
    page = "Fichier relu en Double précision ; puis ReLU, et sa précision."
    linked = glossary.link_terms(page, "a.md", tmp_path)
    assert re.findall(r"\[(.*?)\]\(", linked) == ["ReLU", "précision"]
    assert linked.startswith("Fichier relu en Double précision ; puis [ReLU]")


def test_error_gallery_quotes_the_runs() -> None:
    """Chaque message de la table des erreurs est sorti d'une exécution ; un message inventé serait vu."""
    text = (ROOT / "docs/demarrer/erreurs.md").read_text(encoding="utf-8")
    outputs = "\n".join(p.read_text(encoding="utf-8") for p in ROOT.glob("snippets/erreur_*/outputs/*/*.txt"))
    outputs = outputs.replace("`", "")  # la table met déjà chaque message entre accents graves
    messages = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)

    def invented(message: str) -> bool:
        return not all(part.strip() in outputs for part in message.split("…"))

    assert len(messages) >= 15
    assert not [message for message in messages if invented(message)]
    assert invented("mat1 and mat3 shapes cannot be multiplied")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("snippets/mnist_fast/with_pytorch.py", "MARGIN = 2", "MARGIN = 3"),
        ("tests/race/keras_tutorial.py", "Dropout(0.5)", "Dropout(0.9)"),
        ("tests/race/pytorch_tutorial.py", "lr=1.0", "lr=0.1"),
    ],
)
def test_race_follows_recipe_and_reference(name: str, old: str, new: str, tmp_path: Path) -> None:
    """La course publiée est celle des scripts publiés ; une recette ou une référence retouchée est vue."""
    assert race.check_fresh(ROOT) == []
    for folder in ("snippets/mnist_fast", "tests/race"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "tests/bench.json", tmp_path / "tests")
    assert race.check_fresh(tmp_path) == []
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    assert [fault.where for fault in race.check_fresh(tmp_path)] == [f"{name}:1"]


def test_race_follows_its_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Une variante renommée, ou dont le réglage change, demande une nouvelle course."""
    monkeypatch.setitem(race.VARIANTS["pytorch"], "images_entieres", {"MARGIN": "1"})
    assert [fault.where for fault in race.check_fresh(ROOT)] == ["tests/proof/race.py:1"]


def test_variants_change_the_recipe() -> None:
    """Chaque variante change sa recette ; un réglage absent est refusé, un réglage laissé tel quel ne change rien."""
    for framework, variants in race.VARIANTS.items():
        recipe = project.Script(ROOT, "mnist_fast", f"with_{framework}")
        for changes in ({"SEEDS": str(race.VARIANT_SEEDS)}, *variants.values()):
            same = changes == {"SEEDS": "[0, 1, 2]"}
            assert (race.variant(recipe, **changes) == race.variant(recipe)) is same, changes
        with pytest.raises(ValueError, match="0 réglages ABSENT"):
            race.variant(recipe, ABSENT="1")


def test_race_is_won() -> None:
    """Les buts de la course, tenus par presque toutes les graines ; un rapport retouché ne suit plus ses essais."""
    results = json.loads((ROOT / "tests/bench.json").read_text(encoding="utf-8"))
    for name, goal in (("course_tensorflow", 40), ("course_pytorch", 60)):
        found = results[name]
        assert found["rapport"] >= goal and found["recette"]["reussis"] >= 4
        assert race.follows_its_attempts(found)
        assert not race.follows_its_attempts(found | {"rapport": found["rapport"] + 1})


def chosen(results: dict[str, Any]) -> set[str]:
    """Candidats dont toutes les graines tiennent 99 % de la validation, dans les deux frameworks."""
    return set.intersection(
        *(
            {name for name, one in results[f"choix_{framework}"]["candidats"].items() if one["reussis"] == 10}
            for framework in race.REFERENCES
        )
    )


def test_recipe_is_chosen_without_the_test_images() -> None:
    """La validation seule retient la recette ; un essai retouché, ou un allègement qui passe, est vu."""
    text = (ROOT / "tests/bench.json").read_text(encoding="utf-8")
    assert chosen(json.loads(text)) == {"recette"} and len(race.CHOICE_SEEDS) == 10
    changed = json.loads(text)
    light = [changed[f"choix_{framework}"]["candidats"]["pas_de_2"] for framework in race.REFERENCES]
    assert race.summarized(light)
    for one in light:
        one["reussis"] = 10
    assert chosen(changed) == {"recette", "pas_de_2"} and not race.summarized(light)


def said_wrongly(results: dict[str, Any]) -> list[str]:
    """Ce que la leçon « Aller vite » dit en mots de ses variantes, et que ces résultats ne montrent pas."""
    found = {}
    for framework in race.REFERENCES:
        course = results[f"course_{framework}"]
        variants = course["variantes"]
        for name in ("sans_lissage", "taux_constant", "sans_normalisation"):
            found[f"{framework}, {name} : sous la ligne"] = variants[name]["exactitude"] < race.GOAL
        found[f"{framework}, sans normalisation : plus vite"] = variants["sans_normalisation"]["rapport"] < 1
        found[f"{framework}, compilateur : perd de loin"] = variants["compilateur"]["rapport"] > 3
        for name in ("deux_fois_plus_de_canaux", "toutes_les_images"):
            gain = variants[name]["exactitude"] - course["recette"]["exactitude"]
            found[f"{framework}, {name} : un ou deux dixièmes de point"] = 0 < gain < 0.0025
            found[f"{framework}, {name} : du temps"] = variants[name]["rapport"] > 1
    tensorflow, pytorch = (results[f"course_{name}"]["variantes"] for name in ("tensorflow", "pytorch"))
    found["fit : plus lent"] = tensorflow["fit"]["rapport"] > 4 / 3
    found["sans tf.function : bien plus lent que fit"] = (
        tensorflow["sans_tf_function"]["rapport"] > 2 * tensorflow["fit"]["rapport"]
    )
    found["fused=True : ne se distingue pas"] = 2 / 3 < pytorch["adam_ordinaire"]["rapport"] < 4 / 3
    return [name for name, right in found.items() if not right]


def test_race_shows_what_its_page_says() -> None:
    """Une nouvelle course qui changerait un verdict de la page serait vue."""
    text = (ROOT / "tests/bench.json").read_text(encoding="utf-8")
    assert not said_wrongly(json.loads(text))
    changed = json.loads(text)
    changed["course_pytorch"]["variantes"]["taux_constant"]["exactitude"] = 0.991
    assert said_wrongly(changed) == ["pytorch, taux_constant : sous la ligne"]


def test_bench_number_must_exist() -> None:
    """Un chemin inconnu de `tests/bench.json` est refusé."""
    assert project.bench_value(ROOT, "course_pytorch.rapport") > 1
    with pytest.raises(KeyError, match="make bench"):
        project.bench_value(ROOT, "course_pytorch.rapports")
