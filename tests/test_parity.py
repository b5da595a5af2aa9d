"""Les deux frameworks enseignent le même modèle : mêmes paramètres, mêmes logits, même perte."""

import ast
import shutil
from pathlib import Path

import pytest
from proof import lint, parity
from proof.pages import markdown_files, read_page
from proof.project import ROOT, Script, report, scripts, sources

LOGITS_TOLERANCE = 1e-4
LOSS_TOLERANCE = 1e-5
SCRIPTS = scripts(ROOT)
BY_KEY = {script.key: script for script in SCRIPTS}
BOTH = [
    (script, BY_KEY[f"{script.example}/with_pytorch"])
    for script in SCRIPTS
    if script.name == "with_tensorflow" and f"{script.example}/with_pytorch" in BY_KEY
]
PAIRS = [pair for pair in BOTH if "parity" in pair[0].manifest]


def faults_of(gap: dict[str, float]) -> list[str]:
    """Ce qui distingue les deux modèles d'une paire."""
    faults = []
    if gap["parameters"]:
        faults.append(f"{gap['parameters']} paramètres d'écart")
    if not gap["logits"] < LOGITS_TOLERANCE:
        faults.append(f"scores éloignés de {gap['logits']:g}")
    if not gap["loss"] < LOSS_TOLERANCE:
        faults.append(f"pertes éloignées de {gap['loss']:g}")
    if gap["outputs"] > 1:  # un score seul, ou une régression : ni softmax ni choix entre classes
        if gap["smallest_logit"] >= 0:
            faults.append("aucun score négatif : une activation suit la dernière couche")
        if gap["row_sum"] <= LOGITS_TOLERANCE:
            faults.append("les scores somment à 1 : softmax est déjà appliqué")
    return faults


def test_no_pair_is_forgotten() -> None:
    """Un exemple montré dans les deux frameworks est comparé, ou son manifeste dit pourquoi il ne l'est pas."""
    silent = [pair[0].example for pair in BOTH if ("parity" in pair[0].manifest) == ("sans_parite" in pair[0].manifest)]
    assert not silent, f'snippets/{silent[0]}/example.toml:1 : écrire parity = […], ou sans_parite = "raison"'
    assert all(len(pair[0].manifest.get("sans_parite", "raison donnée")) > 10 for pair in BOTH)
    assert len(BOTH) > len(PAIRS) > 0


@pytest.mark.cached("tests", "snippets")
def test_same_models(tmp_path: Path) -> None:
    """Toutes les paires d'un même élan, plus une abîmée, qui doit être vue."""
    shutil.copytree(ROOT / "snippets/mnist_mlp", tmp_path / "snippets/mnist_mlp")
    damaged = Script(tmp_path, "mnist_mlp", "with_pytorch")
    source = damaged.path.read_text(encoding="utf-8")
    assert source.count("nn.Linear(128, 10),") == 1
    damaged.path.write_text(source.replace("nn.Linear(128, 10),", "nn.Linear(128, 10), nn.ReLU(),"), encoding="utf-8")
    *gaps, control = parity.compare([*PAIRS, (Script(tmp_path, "mnist_mlp", "with_tensorflow"), damaged)])
    assert len(faults_of(control)) >= 2, "un ReLU après la dernière couche n'est pas vu"
    found = {pair[0].example: faults_of(gap) for pair, gap in zip(PAIRS, gaps, strict=True)}
    assert not any(found.values()), {name: faults for name, faults in found.items() if faults}


def test_no_activation_before_logits_loss() -> None:
    faults = []
    for script in sources(ROOT):
        lines = dict(enumerate((n for n, _ in script.lines), 1))
        where = script.path.relative_to(ROOT).as_posix()
        found = lint.check_logits("\n".join(text for _, text in script.lines), where, lines)
        if "softmax_voulu" in script.manifest:  # la faute même que montre cet exemple
            assert found and len(script.manifest["softmax_voulu"]) > 10, where
        else:
            faults += found
    for path in markdown_files(ROOT):
        for block in read_page(path, ROOT)[0]:
            if block.kind == "inline":
                lines = dict(enumerate(range(block.line + 1, block.line + 1 + block.code.count("\n") + 1), 1))
                faults += lint.check_logits(block.code, block.page, lines)
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("layer", "loss", "red"),
    [
        ("nn.Softmax(dim=1)", "nn.CrossEntropyLoss()", True),
        ("nn.ReLU()", "nn.CrossEntropyLoss()", True),
        ("nn.LogSoftmax(dim=1)", "F.cross_entropy(z, y)", True),
        ("nn.Linear(2, 2)", "nn.CrossEntropyLoss()", False),
        ('keras.layers.Dense(10, activation="softmax")', "f(from_logits=True)", True),
        ("keras.layers.Dense(10)", "f(from_logits=True)", False),
        ("keras.layers.Dense(10)", 'compile(loss="sparse_categorical_crossentropy")', True),
        (
            'keras.layers.Dense(10, activation="softmax")',
            'compile(loss="categorical_crossentropy")',
            False,
        ),
    ],
)
def test_lint_is_able_to_fail(layer: str, loss: str, red: bool) -> None:
    for sequential in (f"Sequential(a, {layer})", f"Sequential([a, {layer}])"):
        source = f"model = {sequential}\nloss = {loss}\n"
        ast.parse(source)
        assert bool(lint.check_logits(source, "exemple.py")) is red
    forward = f"class M:\n    def forward(self, x):\n        return F.relu(x)\nloss = {loss}\n"
    assert bool(lint.check_logits(forward, "exemple.py")) is ("crossentropy" not in loss)


@pytest.mark.parametrize(
    "code",
    [
        "class M:\n def forward(self, x):\n  x = F.softmax(self.fc(x), 1)\n  return x\nloss = F.cross_entropy(m(x), y)",
        "loss = F.cross_entropy(model(x).softmax(1), y)",
        "loss = nn.functional.cross_entropy(torch.relu(model(x)), y)",
        "loss_fn = nn.CrossEntropyLoss()\nloss = loss_fn(model(x).softmax(1), y)",
        "loss = cross_entropy(F.softmax(model(x), 1), y)",
    ],
)
def test_lint_follows_names_and_arguments(code: str) -> None:
    assert lint.check_logits(code, "exemple.py")
    assert not lint.check_logits(
        code.replace("F.softmax", "F.dropout").replace(".softmax(1)", "").replace("torch.relu", ""), "exemple.py"
    )


@pytest.mark.parametrize(
    "model",
    [
        "model = Sequential([a, Dense(10, 'softmax')])",
        "model = Sequential([a, Dense(10), layers.Activation('softmax')])",
        "model = Sequential()\nmodel.add(Dense(10, activation='softmax'))",
        "model = keras.Model(x, layers.Dense(10, activation='softmax')(y))",
        "y = layers.Softmax()(z)\nmodel = keras.Model(inputs=x, outputs=y)",
    ],
)
def test_lint_sees_every_way_to_write_a_model(model: str) -> None:
    loss = "\nloss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n"
    assert lint.check_logits(model + loss, "exemple.py")
    assert not lint.check_logits(
        model.replace("Softmax()", "Dense(10)").replace("softmax", "linear") + loss, "exemple.py"
    )
