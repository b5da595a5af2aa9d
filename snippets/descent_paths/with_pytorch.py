# --8<-- [start:imports]
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import optim

# --8<-- [end:imports]

# --8<-- [start:surfaces]
# Une perte à un ou deux paramètres, et un point de départ
SURFACES = {
    "cuvette": (lambda x: x**2 / 2, [-2.5]),
    "deux_creux": (lambda x: (x**2 - 1) ** 2 / 4 + 0.15 * x, [1.8]),
    "plateau": (lambda x: 1 - torch.exp(-(x**2) / 2), [-3.0]),
    "ronde": (lambda x, y: (x**2 + y**2) / 2, [-2.0, 1.5]),
    "etroite": (lambda x, y: (x**2 + 30 * y**2) / 2, [-2.5, 1.0]),
    "inclinee": (
        lambda x, y: ((x + y) ** 2 + 30 * (x - y) ** 2) / 4,
        [-2.5, -1.0],
    ),
    "deux_vallons": (
        lambda x, y: (x**2 - 1) ** 2 / 4 + 0.15 * x + y**2 / 2,
        [1.8, 1.5],
    ),
    "courbe": (
        lambda x, y: ((1 - x) ** 2 + 10 * (y - x**2) ** 2) / 4,
        [-1.5, 1.5],
    ),
}
# --8<-- [end:surfaces]

# --8<-- [start:optimizers]
OPTIMIZERS = {
    "SGD": lambda p, rate: optim.SGD(p, lr=rate),
    "élan": lambda p, rate: optim.SGD(p, lr=rate, momentum=0.9),
    "RMSprop": lambda p, rate: optim.RMSprop(p, lr=rate, alpha=0.9, eps=1e-8),
    "Adam": lambda p, rate: optim.Adam(
        p, lr=rate, betas=(0.9, 0.999), eps=1e-8
    ),
}
# --8<-- [end:optimizers]

# --8<-- [start:descend]
STEPS = 40
LIMIT = 100  # au-delà, la descente a divergé : inutile de continuer
RATES = [0.01, 0.05, 0.5]


def descend(surface, start, make, rate):
    """Positions successives, départ compris, en double précision."""
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([point], rate)
    path = [point.tolist()]
    while len(path) <= STEPS and max(map(abs, path[-1])) <= LIMIT:
        optimizer.zero_grad()
        surface(*point).backward()
        optimizer.step()
        path.append(point.tolist())
    return path


paths = {
    (name, rule, rate): descend(surface, start, make, rate)
    for name, (surface, start) in SURFACES.items()
    for rule, make in OPTIMIZERS.items()
    for rate in RATES
}
SHOWN = 0.05  # le taux du tableau et du dessin
losses = {}
print(f"taux {SHOWN:<8}", *(f"{rule:>8}" for rule in OPTIMIZERS))
for name, (surface, _) in SURFACES.items():
    for rule in OPTIMIZERS:
        end = torch.tensor(paths[name, rule, SHOWN][-1])
        losses[name, rule] = surface(*end).item()
    row = (f"{losses[name, rule]:8.3f}" for rule in OPTIMIZERS)
    print(f"{name:13}", *row)
# --8<-- [end:descend]

# --8<-- [start:draw]
TITLES = {
    "etroite": "Vallée étroite",
    "inclinee": "La même, inclinée",
    "deux_vallons": "Deux vallons",
}
COLORS = ["#3f7fd6", "#d9642a", "#2f9e6e", "#b65fcf"]
grid_x, grid_y = np.meshgrid(np.linspace(-3, 3, 120), np.linspace(-2, 2, 90))
x, y = torch.tensor(grid_x), torch.tensor(grid_y)

figure, maps = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True)
for axes, (name, title) in zip(maps, TITLES.items()):
    height = SURFACES[name][0](x, y).numpy()
    height -= height.min()
    levels = height.max() * np.linspace(0.03, 1, 14) ** 2
    axes.contour(grid_x, grid_y, height, levels, colors="#8a93a3", alpha=0.6)
    for rule, color in zip(OPTIMIZERS, COLORS):
        path = np.array(paths[name, rule, SHOWN])
        axes.plot(*path.T, "o-", color=color, markersize=2.5, label=rule)
    axes.plot(*SURFACES[name][1], "s", color="#c98a00", label="départ")
    axes.set(title=title, xlabel="x", ylim=(-2, 2))
maps[0].set_ylabel("y")
maps[0].legend(loc="lower right", fontsize=8)
plt.show()
# --8<-- [end:draw]

# --8<-- [start:write]
content = [
    {
        "surface": name,
        "regle": rule,
        "taux": rate,
        "pas": len(path) - 1,
        "points": path[::5],  # un sur cinq : une erreur s'y retrouve
    }
    for (name, rule, rate), path in paths.items()
]
path = Path("chemins.json")
path.write_text(json.dumps(content), encoding="utf-8")
print(len(content), "chemins écrits dans", path)
# --8<-- [end:write]

# --8<-- [start:check]
fast = paths["etroite", "SGD", 0.5]
assert len(fast) < STEPS, "un taux trop grand doit diverger"
left, right = (paths["deux_vallons", r, SHOWN][-1] for r in ("élan", "SGD"))
assert left[0] < 0 < right[0], "l'élan seul franchit la bosse"
assert losses["inclinee", "Adam"] > 2 * losses["etroite", "Adam"]
assert losses["inclinee", "SGD"] < 2 * losses["etroite", "SGD"]
print("Tout est vrai.")
# --8<-- [end:check]
