"""Parité : à poids égaux, les modèles TensorFlow et PyTorch d'un exemple donnent mêmes logits et même perte.

Chaque framework tourne dans son propre interpréteur (importés ensemble, ils se gênent). Keras écrit ses
poids, un lot tiré au hasard et ses résultats ; PyTorch reprend poids et lot, et écrit les siens.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from proof.project import ROOT, Script
from proof.runner import sandbox_environment

# Programme d'un côté : les sections `parity` du script, puis l'une de ces suites.
KERAS_SIDE = """
import numpy as np
generator = np.random.default_rng(0)
x = generator.random((64, *model.input_shape[1:]), dtype=np.float32)
logits = np.asarray(model(x, training=False))
if TARGETS:
    y = eval(TARGETS)
elif logits.shape[1] == 1:  # une sortie : étiquettes 0 ou 1, à virgule, de la forme des scores
    y = generator.integers(0, 2, logits.shape).astype(np.float32)
else:
    y = generator.integers(0, logits.shape[1], len(x))
weights, grid, before = [], None, ""
for layer in model.layers:
    values = [np.asarray(w) for w in layer.get_weights()]
    name = type(layer).__name__
    if name == "Flatten" and len(layer.input.shape) == 4 and before != "Permute":
        grid = layer.input.shape[1:]
    elif values and grid:  # dense après la mise à plat d'une image : Keras la lit (h, l, c), PyTorch (c, h, l)
        values[0] = values[0].reshape(*grid, -1).transpose(2, 0, 1, 3).reshape(values[0].shape)
        grid = None
    weights, before = weights + values, name
named = {f"w{i:03d}": w for i, w in enumerate(weights)}
np.savez("keras.npz", x=x, y=y, logits=logits, loss=float(loss_fn(y, logits)), n=model.count_params(), **named)
"""
# Noyaux Keras → PyTorch : dense (entrées, sorties) → (sorties, entrées) ; convolution (h, l, c, f) → (f, c, h, l).
# Une image, un score par case ou par pixel passent de (h, l, c) à (c, h, l). La normalisation par lots compte aussi ses
# moyennes et ses variances.
TORCH_SIDE = """
import numpy as np
import torch
data = np.load("keras.npz")
weights = [data[name] for name in sorted(data.files) if name.startswith("w")]
parameters = [t for name, t in model.state_dict().items() if not name.endswith("num_batches_tracked")]
assert len(weights) == len(parameters), f"{len(weights)} tenseurs Keras, {len(parameters)} tenseurs PyTorch"
axes = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}
with torch.no_grad():
    for parameter, weight in zip(parameters, weights):
        parameter.copy_(torch.tensor(weight.transpose(axes[weight.ndim])))
    model.eval()
    x = data["x"].transpose(0, 3, 1, 2) if data["x"].ndim == 4 else data["x"]
    logits = model(torch.tensor(x))
    y = torch.tensor(data["y"])
    loss = (loss_fn(y, eval(OUTPUTS)) if TARGETS else loss_fn(logits, y)).item()
    if logits.ndim == 4:
        logits = logits.movedim(1, -1)
np.savez("torch.npz", logits=logits.numpy(), loss=loss, n=sum(p.numel() for p in parameters))
"""


# Un interpréteur par framework pour toutes les paires : l'importer coûte plus que comparer un modèle.
DRIVER = """
import json
import os
import sys
import traceback
for program, folder in json.load(open(sys.argv[1], encoding="utf-8")):
    os.chdir(folder)
    try:
        with open(program, encoding="utf-8") as file:
            exec(compile(file.read(), program, "exec"), {"__name__": "__main__"})
    except Exception:
        with open("failure.txt", "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
"""


def run_side(sides: list[Script], suffix: str, folders: list[Path]) -> None:
    """Exécute, chacune dans son dossier, les sections de parité des scripts et `suffix` ; lève RuntimeError."""
    jobs = []
    for script, folder in zip(sides, folders, strict=True):
        sections = [script.section_text(name) for name in script.manifest["parity"]]
        program = folder / f"{script.name}.py"
        # Des étiquettes qui ne sont pas une classe par image : la perte de l'exemple reçoit (étiquettes, scores)
        special = {
            "TARGETS": script.manifest.get("parity_targets", ""),
            "OUTPUTS": script.manifest.get("parity_outputs", "logits"),
        }
        sections += [f"{name} = {text!r}" for name, text in special.items()]
        program.write_text("\n".join([*sections, suffix]), encoding="utf-8")
        jobs.append([str(program), str(folder)])
    base = folders[0].parent
    (base / "driver.py").write_text(DRIVER, encoding="utf-8")
    (base / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(base / "driver.py"), str(base / "jobs.json")],
        cwd=base,
        env=sandbox_environment(base, []) | {"PROOF_FIGURES": str(base)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    for script, folder in zip(sides, folders, strict=True):
        failure = folder / "failure.txt"
        if done.returncode != 0 or failure.is_file():
            where = script.path.relative_to(script.root).as_posix()
            text = failure.read_text(encoding="utf-8") if failure.is_file() else done.stderr
            raise RuntimeError(f"{where}:1 : parité impossible\n{text[-2000:]}")


def compare(pairs: list[tuple[Script, Script]]) -> list[dict[str, float]]:
    """Pour chaque paire (TensorFlow, PyTorch) : écarts sur un même lot, et signes d'une activation de trop.

    `logits` et `loss` sont des écarts absolus, `parameters` une différence de nombres. Un plus petit score
    positif ou nul trahit un ReLU final ; des lignes qui somment à 1 (`row_sum` nul), un softmax.
    """
    import numpy as np

    (ROOT / ".cache").mkdir(exist_ok=True)
    gaps = []
    with tempfile.TemporaryDirectory(prefix="parite-") as name:
        folders = [Path(name).resolve() / str(rank) for rank in range(len(pairs))]
        for folder in folders:
            folder.mkdir()
        run_side([tensorflow for tensorflow, _ in pairs], KERAS_SIDE, folders)
        run_side([pytorch for _, pytorch in pairs], TORCH_SIDE, folders)
        for folder in folders:
            with np.load(folder / "keras.npz") as keras, np.load(folder / "torch.npz") as torch:
                gaps.append(
                    {
                        "logits": float(np.abs(keras["logits"] - torch["logits"]).max()),
                        "loss": abs(float(keras["loss"]) - float(torch["loss"])),
                        "parameters": abs(int(keras["n"]) - int(torch["n"])),
                        "smallest_logit": float(min(keras["logits"].min(), torch["logits"].min())),
                        "outputs": keras["logits"].shape[-1],
                        "row_sum": float(np.abs(keras["logits"].sum(axis=-1) - 1).max()),
                    }
                )
    return gaps
