"""Le français du projet est juste, et chaque contrôle sait voir les fautes qu'il cherche."""

from __future__ import annotations

from pathlib import Path

import pytest
from hunspell import Hunspell
from proof.french import (
    DATA,
    check_glossary,
    check_spelling,
    check_typography,
    prose,
    rules,
)
from proof.project import report
from proof.typography import french_number

CHECKS = {"typographie": check_typography, "glossaire": check_glossary}
RULES = [
    pytest.param(name, rule, id=f"{name}-{number}")
    for name in CHECKS
    for number, (_, rule) in enumerate(rules(name), 1)
]

# Tout ce qu'une page du cours peut contenir ; les lignes fautives finissent par <!-- fautes -->.
PAGE = """\
---
title: Une page
description: En-tête sans controle
---

# 2.3 Le perceptron sur MNIST { #perceptron .grand }

<!-- commantaire: jamais lu
sur deux lignes -->
Vous ajoutez l'abandon (*dropout*), fixé à 0,2, puis `model.fitt(x: y)` : c'est tout.
Écrivez à moii@exemple.fr, rangez dans srcc/lib/ ou srcc/main.py :
{{ formule("\\frac{e^{z_i}}{\\summ_{j=0} e}", true) }} est {{ x }}.
La **précision** de test monte. <!-- fautes -->
L’arbre, aujourd’hui, n'est-ce pas ? Qu'importe : jusqu'à
l'IA, l'API et Keras, d'ImageNet à PyTorch, *sans souci*.
Une faute d'ortographe, et l'aprentissage. <!-- fautes -->

!!! note "Le rôle de `relu` : couper à zéro"

    Un encadré indenté.

    ```python title="Entraîner le modèle" hl_lines="2"
    print("Une faute d'ortographe"); x = 97.1  # coeur...
    ```

??? warning "Attention: un piège" <!-- fautes -->

    ~~~ text
    aucune regle ici: "rien"
    ~~~

=== "TensorFlow"

    ``` { .python .annotate }
    x = 1  # (1)!
    ```

    1.  Une annotation, avec un [lien](../a_b/pagge.md#ancrre "Voir la suite") et https://exemple.fr/pagge?x=1.

=== "PyTorch: la suite" <!-- fautes -->

    --8<-- "snippets/mnist_mlp/pytorch.py:trainn"

| Modèle      | Exactitude | Durée |
|:------------|-----------:|:-----:|
| Perceptron  |     97,1 % |  12 s |
| Convolutif  |     99.2 % |  60 s | <!-- fautes -->

:material-school: Définition[^1] de {{ value("mnist_mlp/pytorch", "test_accuracy") }} %
:   Ce que le modèle atteint à 10:30 {: .note data-x="pagge" }

{{ figure("mnist_mlp/pytorch", "curves",
    alt="Deux courbes qui descendent ensemble",
    caption="La perte diminu à chaque époque") }} <!-- fautes -->

{% if x %}{# rien #}La formule $y = \\text{modle}(x)$ et \\(\\hat{y}: x\\) suffisent.{% endif %}

![Une courbe qui monte](courbe.svg){ width="300" loading=lazy }
![Une courbe qui monte...](courbe.svg) <!-- fautes -->

<figure markdown>
<svg viewBox="0 0 10 10" role="img" aria-label="Un neurone et ses entrées">
<style>.a{fill:redd}</style>
<title>Un neurone</title><text class="a" x="1" y="2">une entrée</text>
<text x="1">une entrrée</text></svg> <!-- fautes -->
<figcaption>La 1<sup>re</sup> couche, dite <em lang="en">hidden layer: one</em>.</figcaption>
</figure>

- [ ] Une case à cocher : *learning rate*
- [x] Le dataset est prêt <!-- fautes -->

[^1]: Voir le [cours][suite].
[suite]: https://exemple.fr/suite "La suite du cours"
*[CNN]: réseau convolutif
"""
KEPT = ("Le rôle de", "Entraîner le", "Deux courbes qui", "Voir la suite", "Une case", "diminu")
GONE = (
    "controle",
    "commantaire",
    "pagge",
    "trainn",
    "redd",
    "modle",
    "fitt",
    "moii",
    "summ",
    "[ ]",
)


def write(root: Path, name: str, text: str) -> Path:
    """Écrit un fichier d'un projet d'essai, dont la racine est rendue."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


def test_spelling() -> None:
    faults = check_spelling()
    assert not faults, report(faults)


def test_typography() -> None:
    faults = check_typography()
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.9911, "% 2", "99,11\xa0%"),
        (-0.94, ".1", "−0,9"),
        (60000, "entier", "60\u202f000"),
        (0.015, "points", "1,5\xa0point"),
        (0.021, "points", "2,1\xa0points"),
    ],
)
def test_numbers_are_written_in_french(value: float, form: str, text: str) -> None:
    assert french_number(value, form) == text


def test_a_gain_that_became_a_loss_is_refused() -> None:
    """Une page qui dit « gagne » ne publie pas un écart passé sous zéro."""
    with pytest.raises(ValueError, match="dit le contraire"):
        french_number(-0.01, "points")


def test_glossary() -> None:
    faults = check_glossary()
    assert not faults, report(faults)


def test_lexicon_is_sorted_and_needed() -> None:
    lines = (DATA / "lexique.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    ordered = sorted(set(words), key=lambda word: (word.casefold(), word))
    assert words == ordered, "trier lexique.txt, sans doublon"
    speller = Hunspell("fr", hunspell_data_dir=str(DATA))
    known = [word for word in words if speller.spell(word)]
    assert not known, f"déjà dans le dictionnaire, à ôter de lexique.txt : {known}"


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_rule_sees_its_mistake_and_nothing_else(tmp_path: Path, name: str, rule: dict[str, str]) -> None:
    write(tmp_path, "docs/module/faute.md", f"# Titre\n\n{rule['exemple']}\n")
    write(tmp_path, "docs/module/juste.md", f"# Titre\n\n{rule['correct']}\n")
    seen = [fault for fault in CHECKS[name](tmp_path) if fault.what.startswith(rule["raison"])]
    assert seen, f"{name}.toml : « {rule['exemple']} » n'est pas signalé"
    assert {fault.where for fault in seen} == {"docs/module/faute.md:3"}, report(seen)
    faults = [f for check in CHECKS.values() for f in check(tmp_path) if "juste.md" in f.where]
    assert not faults, report(faults)


def test_page_faults_are_found_where_they_are_and_nowhere_else(tmp_path: Path) -> None:
    write(tmp_path, "docs/page.md", PAGE)
    checks = (check_spelling, check_typography, check_glossary)
    faults = [fault for check in checks for fault in check(tmp_path)]
    lines = enumerate(PAGE.splitlines(), 1)
    expected = {f"docs/page.md:{number}" for number, line in lines if "<!-- fautes" in line}
    assert {fault.where for fault in faults} == expected, report(faults)


def test_spelling_suggests_a_correction(tmp_path: Path) -> None:
    faults = check_spelling(write(tmp_path, "README.md", "Texte.\n\nL'aprentissage profond.\n"))
    assert [fault.where for fault in faults] == ["README.md:3"]
    assert "« L'aprentissage »" in faults[0].what
    assert "« L’apprentissage »" in faults[0].mend


def test_mistakes_across_lines_have_the_line_where_they_start(tmp_path: Path) -> None:
    text = "On obtient\nune précision\nde 97 %.\n"
    faults = check_glossary(write(tmp_path, "tests/README.md", text))
    assert [fault.where for fault in faults] == ["tests/README.md:2"], report(faults)


def test_scripts_are_read_but_not_their_code(tmp_path: Path) -> None:
    script = '''\
# --8<-- [start:imporrt]
import keras  # noqa: E402

BATCH_SIZE = 128  # la taille d'un lott
label = "acuracy"
headers = {"x": "content-type: application/json; charset=utf-8"}
print(f"Époque {label + 1}/{BATCH_SIZE} · pertte {label:.3f}\\n")
print("Test         :", keras.modell, r"^\\d+ (modell|modle)$")
text = """Une phrase juste.
Une phrase fausse: ici.
"""
# --8<-- [end:imporrt]
'''
    write(tmp_path, "snippets/demo/tf.py", script)
    spelling = [fault.where for fault in check_spelling(tmp_path)]
    assert spelling == ["snippets/demo/tf.py:4", "snippets/demo/tf.py:7"]
    typography = [fault.where for fault in check_typography(tmp_path)]
    assert typography == ["snippets/demo/tf.py:10"]


def test_demos_are_read_but_not_their_code(tmp_path: Path) -> None:
    script = """\
// Le tirrage de la démo ; `nodde` est du code.
const site = "https://exemple.fr/pagge"; const name = "chifre";
/** Une phrase juste,
 * une phrase fausse: ici. */
node.append(element("p", { class: "demo-cachee" }, "Le réseau lit un chifre."));
say(`Ligne ${rows.lenght + "pagge"}, colonne ${`x`} : juste`);
"""
    write(tmp_path, "overrides/assets/demos/essai.js", script)
    spelling = [fault.where for fault in check_spelling(tmp_path)]
    assert spelling == ["overrides/assets/demos/essai.js:1", "overrides/assets/demos/essai.js:5"]
    typography = [fault.where for fault in check_typography(tmp_path)]
    assert typography == ["overrides/assets/demos/essai.js:4"]


def test_quizzes_are_read(tmp_path: Path) -> None:
    quiz = """\
title: 'Le quiz de l''abandon'
questions:
  - text: "Que fait `softmaxx` ?"
    choices:
      - text: Elle normallise les scores
        correct: true
    explanation: |
      Les scores sont positifs.
      Leur somme vaut un: voilà.
"""
    write(tmp_path, "docs/module/notions.quiz.yml", quiz)
    assert [f.where for f in check_spelling(tmp_path)] == ["docs/module/notions.quiz.yml:5"]
    assert [f.where for f in check_typography(tmp_path)] == ["docs/module/notions.quiz.yml:9"]


def test_manifests_are_read_but_not_their_keys(tmp_path: Path) -> None:
    manifest = '''\
# Un commentaire pourr nous.
title = "Un titre: le sien"
starter = "answerr"
notebook_intro = """
# Titre juste

Une phrase avec un mott.
"""

[figures]
curvve = "Une courbbe qui descend."

[script.demo.figures]
draw = "Une photto."

[sections]
load = "Chargger"
'''
    write(tmp_path, "snippets/demo/example.toml", manifest)
    assert [f.where.rpartition(":")[2] for f in check_spelling(tmp_path)] == ["7", "11", "14", "17"]
    assert [f.where for f in check_typography(tmp_path)] == ["snippets/demo/example.toml:2"]


def test_templates_are_read_but_not_what_they_compute(tmp_path: Path) -> None:
    template = """\
<!doctype html>
{# Un commentaire mall écrit #}
{{ heaader | replace('role="dialogg"', 'role="dialog" aria-label="Recherche dans le courss"') }}
<p title="Un titrre"><a href="{{ 'indexx.html' | url }}">L’accueill</a></p>
{% if (pagge) %}<p>Une phrase fausse: ici.</p>{% endif %}
"""
    for name in ("overrides/partials/essai.html", "snippets/demo/static/index.html"):
        write(tmp_path / name.partition("/")[0], name, template)
        root = tmp_path / name.partition("/")[0]
        assert [f.where for f in check_spelling(root)] == [f"{name}:3", f"{name}:4", f"{name}:4"]
        assert [f.where for f in check_typography(root)] == [f"{name}:5"]


def test_site_scripts_are_read_but_only_what_they_say(tmp_path: Path) -> None:
    script = """\
// Un commentaire pourr nous.
const boxes = all(".checklist input[type=checkbox]");
say("Le texte gardé est effaccé.");
"""
    write(tmp_path, "overrides/assets/essai.js", script)
    assert [f.where for f in check_spelling(tmp_path)] == ["overrides/assets/essai.js:3"]
    assert not check_typography(tmp_path) and not check_glossary(tmp_path)


def test_prose_keeps_text_and_line_numbers() -> None:
    lines = prose(PAGE)
    source = PAGE.splitlines()
    for kept in KEPT:
        (number,) = [number for number, line in lines if kept in line]
        assert kept in source[number - 1]
    text = "\n".join(line for _, line in lines)
    assert "La 1re couche" in text
    for gone in GONE:
        assert gone not in text
