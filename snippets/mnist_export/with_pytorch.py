# --8<-- [start:imports]
import base64
import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision.datasets import MNIST

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 5
MAX_RATE = 0.02  # le plus haut du cycle
SMOOTHING = 0.1  # lissage des étiquettes
MARGIN = 2  # pixels retirés à chaque bord
MEAN, STD = 0.1307, 0.3081  # des pixels d'entraînement

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
train_set = MNIST("donnees", train=True, download=True)
test_set = MNIST("donnees", train=False, download=True)


def prepare(dataset):
    pixels = (dataset.data[:, None].float() / 255 - MEAN) / STD
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    return pixels, dataset.targets


def crop(images):
    return images[:, :, MARGIN : 28 - MARGIN, MARGIN : 28 - MARGIN]


def shifted_crop(images):
    """Une fenêtre par image, placée au hasard : les chiffres bougent."""
    n, steps = len(images), torch.arange(28 - 2 * MARGIN)
    top, left = torch.randint(0, 2 * MARGIN + 1, (2, n, 1, 1))
    rows, columns = top + steps[:, None], left + steps
    return images[torch.arange(n)[:, None, None], 0, rows, columns][:, None]


x, y = prepare(train_set)
x_test, y_test = prepare(test_set)
x_train, y_train = x[:-5000], y[:-5000]
x_val, y_val = crop(x[-5000:]), y[-5000:]
x_test = crop(x_test)
n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:data]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Conv2d(1, 16, 5, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Conv2d(16, 48, 5, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(48),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(48 * 3 * 3, 64, bias=False),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Linear(64, 10),
).to(memory_format=torch.channels_last)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:train]
def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        found = [model(part).argmax(dim=1) for part in images.split(1000)]
    return (torch.cat(found) == labels).float().mean().item()


loss_fn = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
n_batches = n_train // BATCH_SIZE
optimizer = torch.optim.Adam(model.parameters(), fused=True)
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, MAX_RATE, EPOCHS * n_batches, cycle_momentum=False
)
for epoch in range(EPOCHS):
    model.train()
    order = torch.randperm(n_train)[: n_batches * BATCH_SIZE]
    for rows in order.view(n_batches, BATCH_SIZE):
        logits = model(shifted_crop(x_train[rows]))
        loss = loss_fn(logits, y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    val_accuracy = accuracy(model, x_val, y_val)
    print(f"Époque {epoch + 1}/{EPOCHS} · validation {val_accuracy:.2%}")
# --8<-- [end:train]

# --8<-- [start:evaluate]
test_accuracy = accuracy(model, x_test, y_test)
print(f"Exactitude sur le test : {test_accuracy:.2%}")
# --8<-- [end:evaluate]

# --8<-- [start:fold]
model.eval()
layers = []
for weighted, norm in ((0, 2), (4, 6), (9, 10), (12, None)):
    weights = model[weighted].weight.detach().numpy()
    if norm is None:  # la dernière couche a un biais, et pas de normalisation
        scale = np.ones(len(weights), dtype="float32")
        shift = model[weighted].bias.detach().numpy()
    else:  # normaliser, c'est multiplier par `scale` puis ajouter `shift`
        n = model[norm]
        scale = n.weight / torch.sqrt(n.running_var + n.eps)
        shift = n.bias - n.running_mean * scale
        scale, shift = scale.detach().numpy(), shift.detach().numpy()
    layers.append((weights, scale, shift))
n_folded = sum(part.size for layer in layers for part in layer)
print(f"{len(layers)} couches, {n_folded} nombres")
# --8<-- [end:fold]


# --8<-- [start:quantize]
def quantize(weights):
    """Poids en huit bits, et le pas de chaque noyau."""
    largest = np.abs(weights.reshape(len(weights), -1)).max(axis=1)
    step = largest / 127
    column = step.reshape(-1, *[1] * (weights.ndim - 1))
    return np.round(weights / column).astype(np.int8), step


small = []
for weights, scale, shift in layers:
    integers, step = quantize(weights)
    small.append((integers, scale * step, shift))
weights, integers = layers[1][0], small[1][0]
print("Un noyau avant :", weights[0, 0, 0].round(4))
print("Un noyau après :", integers[0, 0, 0])
# --8<-- [end:quantize]


# --8<-- [start:forward]
def convolve_and_pool(maps, kernels):
    """Convolution sans bord, puis plus grand de chaque carré de 2 sur 2."""
    side = kernels.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(
        maps, (side, side), axis=(2, 3)
    )
    scores = np.tensordot(windows, kernels, axes=((1, 4, 5), (1, 2, 3)))
    n, height, width, channels = scores.shape
    blocks = scores.reshape(n, height // 2, 2, width // 2, 2, channels)
    return blocks.max(axis=(2, 4)).transpose(0, 3, 1, 2)


def forward(network, images):
    """Scores du réseau, en NumPy seul : `images` est (n, 1, 24, 24)."""
    values = images
    for rank, (weights, scale, shift) in enumerate(network):
        weights = weights.astype("float32")
        if weights.ndim == 4:
            values = convolve_and_pool(values, weights)
            values = values * scale[:, None, None] + shift[:, None, None]
        else:
            values = values.reshape(len(values), -1) @ weights.T
            values = values * scale + shift
        if rank < len(network) - 1:
            values = np.maximum(values, 0)  # ReLU
    return values


images, labels = x_test.numpy(), y_test.numpy()
with torch.no_grad():
    expected = model(x_test[:500]).numpy()
fold_gap = np.abs(forward(layers, images[:500]) - expected).max()
print(f"NumPy et PyTorch, plus grand écart : {fold_gap:.6f}")
# --8<-- [end:forward]

# --8<-- [start:compare]
answers = []
for first in range(0, n_test, 500):
    part = images[first : first + 500]
    answers.append(
        (forward(layers, part).argmax(1), forward(small, part).argmax(1))
    )
float_answers, int8_answers = np.concatenate(answers, axis=1)
float_accuracy = (float_answers == labels).mean()
int8_accuracy = (int8_answers == labels).mean()
n_changed = (float_answers != int8_answers).sum()
print(f"Poids à virgule : {float_accuracy:.2%}")
print(f"Poids en 8 bits : {int8_accuracy:.2%}")
print(f"Réponses changées : {n_changed} sur {n_test}")
# --8<-- [end:compare]


# --8<-- [start:write]
def as_text(integers):
    return base64.b64encode(integers.tobytes()).decode("ascii")


def as_list(numbers):
    return [float(f"{number:.6g}") for number in numbers]


content = {
    "nom": "Le CNN du cours",
    "image": {"cote": 24, "marge": MARGIN, "moyenne": MEAN, "ecart": STD},
    "couches": [
        {
            "forme": list(integers.shape),
            "poids": as_text(integers),  # entiers de huit bits, en base64
            "echelle": as_list(scale),
            "decalage": as_list(shift),
        }
        for integers, scale, shift in small
    ],
}
path = Path("cnn_mnist.json")
path.write_text(json.dumps(content, indent=1), encoding="utf-8")
compressed_size = len(gzip.compress(path.read_bytes()))
print(f"{path.name} : {compressed_size / 1000:.0f} Ko compressé")
# --8<-- [end:write]

# --8<-- [start:samples]
# Pour la démo : les cinq premières images du test, et cinq erreurs
errors = np.flatnonzero(int8_answers != labels)[:5]
chosen = np.concatenate([np.arange(5), errors])
content = {
    "rangs": chosen.tolist(),  # places dans le test
    "etiquettes": labels[chosen].tolist(),
    "reponses": int8_answers[chosen].tolist(),
    "pixels": as_text(test_set.data.numpy()[chosen]),  # 28 × 28 chacun
}
Path("chiffres.json").write_text(json.dumps(content), encoding="utf-8")
print("Erreurs :", [f"{labels[n]} lu {int8_answers[n]}" for n in errors])
# --8<-- [end:samples]

# --8<-- [start:check]
# Le fichier publié tient 99,4 % ; une autre machine arrondit autrement
assert test_accuracy >= 0.993, "trop d'erreurs sur les images de test"
assert fold_gap < 1e-3, "la normalisation est mal repliée"
assert abs(int8_accuracy - test_accuracy) <= 0.001, "huit bits ont trop coûté"
assert compressed_size < 60_000, "fichier trop lourd pour une page"
print("Tout est vrai.")
# --8<-- [end:check]
