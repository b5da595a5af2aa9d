# --8<-- [start:imports]
import copy
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import make_moons
from torch import nn

torch.set_default_dtype(torch.float64)  # double précision, comme JavaScript
# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 3
N_TRAIN, N_VAL = 40, 400
NOISE = 0.3
EPOCHS = 300
LEARNING_RATE = 0.01
STRENGTH = 0.003  # de la pénalité L2

torch.manual_seed(SEED)
# --8<-- [end:settings]


# --8<-- [start:load]
# Des points synthétiques : deux lunes emmêlées
def moons(n, seed):
    points, labels = make_moons(n, noise=NOISE, random_state=seed)
    return torch.tensor(points), torch.tensor(labels).double()


x_train, y_train = moons(N_TRAIN, SEED)
x_val, y_val = moons(N_VAL, SEED + 1)
# --8<-- [end:load]

# --8<-- [start:define]
first = nn.Sequential(
    nn.Linear(2, 16),
    nn.ReLU(),
    nn.Linear(16, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
    nn.Flatten(0),
)
loss_fn = nn.BCEWithLogitsLoss()
n_parameters = sum(p.numel() for p in first.parameters())
print(n_parameters, "paramètres pour", N_TRAIN, "points")
# --8<-- [end:define]


# --8<-- [start:train]
def measure(model):
    """Pertes d'entraînement et de validation, sans pénalité."""
    with torch.no_grad():
        train_loss = loss_fn(model(x_train), y_train).item()
        return train_loss, loss_fn(model(x_val), y_val).item()


def train(strength):
    """Toujours le même réseau de départ ; une époque est un pas."""
    model = copy.deepcopy(first)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    history = [measure(model)]
    for _ in range(EPOCHS):
        penalty = sum((model[k].weight ** 2).sum() for k in (0, 2, 4))
        loss = loss_fn(model(x_train), y_train) + strength * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(measure(model))
    return model, np.array(history)


runs = {"sans remède": 0.0, "pénalité L2": STRENGTH}
models, histories = {}, {}
for name, strength in runs.items():
    models[name], histories[name] = train(strength)
    train_loss, val_loss = histories[name][-1]
    lowest = histories[name][:, 1].min()
    print(f"{name} : entraînement {train_loss:.2f}")
    print(f"  validation {val_loss:.2f}, au plus bas {lowest:.2f}")
# --8<-- [end:train]

# --8<-- [start:draw]
steps = np.linspace(-1.9, 2.9, 100), np.linspace(-1.5, 2, 100)
grid_x, grid_y = np.meshgrid(*steps)
cells = torch.tensor(np.stack([grid_x, grid_y], -1).reshape(-1, 2))

figure, (*maps, curves) = plt.subplots(1, 3, figsize=(11, 3.4))
for axes, (name, model) in zip(maps, models.items()):
    with torch.no_grad():
        answers = torch.sigmoid(model(cells)).reshape(grid_x.shape)
    colors = ["#d9642a", "#3f7fd6"]
    axes.contourf(
        grid_x, grid_y, answers, [0, 0.5, 1], colors=colors, alpha=0.25
    )
    for label, shape in enumerate("oD"):
        axes.plot(
            *x_train[y_train == label].T, shape, color=colors[label], ms=5
        )
    axes.set(title=name, xticks=[], yticks=[])
for (name, history), color in zip(histories.items(), ["#b65fcf", "#2f9e6e"]):
    curves.plot(history[:, 1], color=color, label=f"validation, {name}")
    curves.plot(history[:, 0], color=color, linestyle="--", linewidth=1)
curves.set(title="perte", xlabel="époque", ylim=(0, 1.5))
curves.legend(fontsize=8)
plt.show()
# --8<-- [end:draw]

# --8<-- [start:write]
content = {
    "taux": LEARNING_RATE,
    "train": {"x": x_train.flatten().tolist(), "y": y_train.tolist()},
    "validation": {"x": x_val.flatten().tolist(), "y": y_val.tolist()},
    "couches": [
        {
            "w": first[k].weight.flatten().tolist(),
            "b": first[k].bias.tolist(),
        }
        for k in (0, 2, 4)
    ],
    "essais": [
        # Une époque sur dix : une erreur s'y retrouve
        {"penalite": runs[name], "pertes": history[::10].tolist()}
        for name, history in histories.items()
    ],
}
path = Path("bac.json")
path.write_text(json.dumps(content), encoding="utf-8")
print("Écrit :", path)
# --8<-- [end:write]

# --8<-- [start:check]
alone, held = (history[-1] for history in histories.values())
assert alone[0] < held[0], "la pénalité gêne l'apprentissage par cœur"
assert held[1] < alone[1], "et c'est tant mieux sur la validation"
assert alone[1] > 1.5 * histories["sans remède"][:, 1].min()
print("Tout est vrai.")
# --8<-- [end:check]
