# --8<-- [start:imports]
import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:read]
content = json.loads(Path("cnn_mnist.json").read_text(encoding="utf-8"))


def integers(layer):
    """Poids d'une couche, entiers de huit bits, à sa forme."""
    raw = base64.b64decode(layer["poids"])
    return np.frombuffer(raw, dtype="int8").reshape(layer["forme"])


stored = content["couches"]
print([layer["forme"] for layer in stored])
# --8<-- [end:read]

# --8<-- [start:data]
test_set = datasets.MNIST("donnees", train=False, download=True)
images, labels = test_set.data[:, None], test_set.targets
margin = content["image"]["marge"]
window = slice(margin, 28 - margin)
pixels = images[:, :, window, window].float() / 255
pixels = (pixels - content["image"]["moyenne"]) / content["image"]["ecart"]
# --8<-- [end:data]


# --8<-- [start:define]
def convolution(n_inputs, n_maps):
    return [
        nn.Conv2d(n_inputs, n_maps, 5, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(n_maps, eps=0),
        nn.ReLU(),
    ]


model = nn.Sequential(
    *convolution(1, 16),
    *convolution(16, 48),
    nn.Flatten(),
    nn.Linear(48 * 3 * 3, 64, bias=False),
    nn.BatchNorm1d(64, eps=0),
    nn.ReLU(),
    nn.Linear(64, 10),
)
# --8<-- [end:define]

# --8<-- [start:load]
kernels = [torch.tensor(integers(layer)).float() for layer in stored]
# La dernière couche n'a pas de normalisation : son échelle va aux poids
kernels[3] = kernels[3] * torch.tensor(stored[3]["echelle"])[:, None]

state = model.state_dict()
for kernel, place, norm, layer in zip(kernels, (0, 4, 9), (2, 6, 10), stored):
    # Moyenne nulle, variance 1, comme à la construction : rien à changer
    state[f"{place}.weight"] = kernel
    state[f"{norm}.weight"] = torch.tensor(layer["echelle"])
    state[f"{norm}.bias"] = torch.tensor(layer["decalage"])
state["12.weight"] = kernels[3]
state["12.bias"] = torch.tensor(stored[3]["decalage"])
model.load_state_dict(state)
n_parameters = sum(kernel.numel() for kernel in kernels)
print(n_parameters, "poids repris")
# --8<-- [end:load]

# --8<-- [start:judge]
model.eval()
with torch.no_grad():
    logits = torch.cat([model(part) for part in pixels.split(1000)])
answers = logits.argmax(dim=1)
test_accuracy = (answers == labels).float().mean().item()
n_errors = (answers != labels).sum().item()
print(f"{n_errors} erreurs, exactitude {test_accuracy:.2%}")
# --8<-- [end:judge]

# --8<-- [start:check]
assert test_accuracy >= 0.994, "moins de 99,4 % sur les images de test"
print("Tout est vrai.")
# --8<-- [end:check]
