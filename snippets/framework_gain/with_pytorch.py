# --8<-- [start:imports]
import inspect
import subprocess
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:data]
images, digits = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = map(
    torch.tensor,
    train_test_split(
        (images / 16).astype("float32"), digits, test_size=500, random_state=0
    ),
)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1, b1 = rng.normal(0, 0.2, (64, 32)), np.zeros(32)
w2, b2 = rng.normal(0, 0.2, (32, 10)), np.zeros(10)
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:data]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:define]
def build(hidden_sizes):
    sizes, layers = [64, *hidden_sizes], []
    for n_inputs, n_outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    layers.append(nn.Linear(sizes[-1], 10))
    return nn.Sequential(*layers)


def train(model, optimizer, steps):
    for _ in range(steps):
        # Un seul lot : chaque pas voit toutes les images
        loss = loss_fn(model(x_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def evaluate(model, x, y):
    with torch.no_grad():
        logits = model(x)
    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    return loss_fn(logits, y).item(), accuracy


model = build([32])
with torch.no_grad():
    # PyTorch range les poids dans l'autre sens : (sorties, entrées)
    for parameter, weight in zip(model.parameters(), (w1.T, b1, w2.T, b2)):
        parameter.copy_(torch.tensor(weight))
# --8<-- [end:define]

# --8<-- [start:train]
train(model, torch.optim.SGD(model.parameters(), lr=0.5), steps=100)
test_loss, test_accuracy = evaluate(model, x_test, y_test)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:change]
# La demande : une couche cachée de plus, et Adam à la place du pas fixe
torch.manual_seed(0)
deep = build([32, 32])
train(deep, torch.optim.Adam(deep.parameters(), lr=0.01), steps=60)
deep_accuracy = evaluate(deep, x_test, y_test)[1]
print(f"Exactitude sur le test : {deep_accuracy:.1%}")
# --8<-- [end:change]


# --8<-- [start:lines]
def count_lines(*functions):
    # Les lignes de code : ni les vides, ni les commentaires
    text = "".join(inspect.getsource(function) for function in functions)
    lines = [line.strip() for line in text.splitlines()]
    return sum(bool(line) and line[0] != "#" for line in lines)


n_lines = count_lines(build, train, evaluate)
print(n_lines, "lignes, pour les deux réseaux")
# --8<-- [end:lines]

# --8<-- [start:deploy]
batch = torch.export.Dim("batch")  # autant d'images que l'on veut
torch.onnx.export(
    model.eval(),
    (x_test,),
    "digits.onnx",
    input_names=["x"],
    dynamic_shapes=({0: batch},),
    external_data=False,  # poids et calcul dans un seul fichier
    verbose=False,
)
with torch.no_grad():
    answers = model(x_test).argmax(dim=1)
np.savez("question.npz", x=x_test, answers=answers)

# Un autre processus, sans PyTorch, relit le modèle entier
PROGRAM = r"""
import sys

import numpy as np
import onnxruntime

data = np.load("question.npz")
session = onnxruntime.InferenceSession("digits.onnx")
(logits,) = session.run(None, {"x": data["x"]})
answers = logits.argmax(axis=1)
print("Réponses identiques :", (answers == data["answers"]).sum())
print("PyTorch chargé :", "torch" in sys.modules)
"""
command = [sys.executable, "-c", PROGRAM]
done = subprocess.run(command, capture_output=True, text=True, check=True)
print(done.stdout.strip())
# --8<-- [end:deploy]

# --8<-- [start:check]
# La perte que trouvent aussi les deux autres scripts
assert np.isclose(test_loss, 0.196, atol=0.002)
assert test_accuracy > 0.9 and deep_accuracy > 0.9, "trop peu d'exactitude"
assert "identiques : 500" in done.stdout, "l'autre processus répond autrement"
assert "False" in done.stdout, "PyTorch était là"
print("Tout est vrai.")
# --8<-- [end:check]
