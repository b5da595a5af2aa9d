# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import stats
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = range(5)
N_TRAIN = 1000
BATCH_SIZE = 50
EPOCHS = 8
RATE = 0.003
torch.manual_seed(0)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
# Ajouter le canal, retirer deux pixels de bord, presque toujours noirs
x_pool, y_pool = train_data.data[:, None, 2:-2, 2:-2] / 255, train_data.targets
x_test, y_test = test_data.data[:, None, 2:-2, 2:-2] / 255, test_data.targets
x_val, y_val = x_pool[-2500:], y_pool[-2500:]
x_pool, y_pool = x_pool[:-2500], y_pool[:-2500]
print(f"réserve {len(x_pool)}, validation {len(x_val)}, test {len(x_test)}")
# --8<-- [end:load]


# --8<-- [start:define]
def build(norm=False, dropout=0.0):
    return nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.MaxPool2d(2),
        *([nn.BatchNorm2d(8)] if norm else []),
        nn.ReLU(),
        nn.Conv2d(8, 16, 5),
        nn.MaxPool2d(2),
        *([nn.BatchNorm2d(16)] if norm else []),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(144, 10),
    )


model = build()
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres pour", N_TRAIN, "images")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:shift]
def shift(images, distance=2):
    """Décaler chaque image de quelques pixels, au hasard."""
    n, size = len(images), images.shape[-1]
    wide = nn.functional.pad(images[:, 0], [distance] * 4)
    moves = torch.randint(0, 2 * distance + 1, (2, n, 1))
    rows, columns = torch.arange(size) + moves
    which = torch.arange(n)[:, None, None]
    return wide[which, rows[:, :, None], columns[:, None, :]].unsqueeze(1)


torch.manual_seed(0)
figure, grid = plt.subplots(1, 6, figsize=(9, 1.9))
for axes, image in zip(grid, shift(x_pool[:1].repeat(6, 1, 1, 1))):
    axes.imshow(image[0], cmap="gray")
    axes.axis("off")
plt.show()
# --8<-- [end:shift]


# --8<-- [start:run]
def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(images) for images in x.split(1000)])
    return (logits.argmax(dim=1) == y).float().mean().item()


def run(
    seed, norm=False, dropout=0.0, l2=0.0, decay=0.0, moves=False, cycle=False
):
    """Un entraînement ; à graine égale, les mêmes images."""
    torch.manual_seed(seed)
    chosen = torch.randperm(len(x_pool))[:N_TRAIN]
    x_train, y_train = x_pool[chosen], y_pool[chosen]
    model = build(norm, dropout).to(memory_format=torch.channels_last)
    # Sans décroissance, AdamW est exactement Adam
    choose = torch.optim.Adam if l2 else torch.optim.AdamW
    optimizer = choose(
        model.parameters(), lr=RATE, weight_decay=l2 or decay, fused=True
    )
    n_steps = EPOCHS * len(range(0, N_TRAIN, BATCH_SIZE))
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    if cycle:
        # Deux fois plus haut au sommet : le même taux en moyenne
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, 2 * RATE, n_steps, pct_start=0.25, cycle_momentum=False
        )
    for _ in range(EPOCHS):
        model.train()
        for rows in torch.randperm(N_TRAIN).split(BATCH_SIZE):
            images = shift(x_train[rows]) if moves else x_train[rows]
            loss = loss_fn(model(images), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    train_accuracy = evaluate(model, x_train, y_train)
    return model, train_accuracy, evaluate(model, x_val, y_val)


# --8<-- [end:run]

# --8<-- [start:interval]
# Cinq mesures : 4 degrés de liberté, 2,5 % de chaque côté
student = stats.t.ppf(0.975, df=len(SEEDS) - 1)
print(f"Coefficient de Student : {student:.3f}")


def interval(values):
    """Moyenne, et demi-largeur de l'intervalle à 95 %."""
    values = np.array(values)
    spread = values.std(ddof=1)
    return values.mean(), student * spread / np.sqrt(len(values))


# --8<-- [end:interval]

# --8<-- [start:table]
REMEDIES = {
    "témoin": {},
    "normalisation par lots": {"norm": True},
    "abandon": {"dropout": 0.5},
    "pénalité L2": {"l2": 0.001},
    "décroissance (AdamW)": {"decay": 0.1},
    "décalages": {"moves": True},
    "taux en un cycle": {"cycle": True},
    "tous ensemble": {
        "norm": True,
        "dropout": 0.5,
        "decay": 0.1,
        "moves": True,
        "cycle": True,
    },
}
models, val, gain = {}, {}, {}
for name, options in REMEDIES.items():
    results = [run(seed, **options) for seed in SEEDS]
    models[name] = [result[0] for result in results]
    train, val[name] = 100 * np.array([r[1:] for r in results]).T
    mean, half = interval(val[name])
    # Comparer graine par graine : mêmes images, seul le remède change
    gain[name] = val[name] - val["témoin"]
    center, width = interval(gain[name])
    print(
        f"{name:22} : entraînement {train.mean():.1f} %"
        f" · validation {mean:.2f} % ± {half:.2f}"
    )
    print(f"    gain de {center - width:.2f} à {center + width:.2f} point")

base_half = interval(val["témoin"])[1]
norm_gain = gain["normalisation par lots"].mean()
dropout_gain = gain["abandon"].mean()
l2_gain = gain["pénalité L2"].mean()
decay_gain = gain["décroissance (AdamW)"].mean()
moves_gain = gain["décalages"].mean()
cycle_gain = gain["taux en un cycle"].mean()
full_gain = gain["tous ensemble"].mean()
# --8<-- [end:table]

# --8<-- [start:plot]
names = list(REMEDIES)[1:]
figure, axes = plt.subplots(figsize=(8, 4))
axes.axvline(0, color="gray", linestyle="--")
for row, name in enumerate(names):
    center, width = interval(gain[name])
    axes.plot(gain[name], [row] * len(SEEDS), "o", color="C0", alpha=0.4)
    axes.errorbar(center, row, xerr=width, fmt="D", color="C1", capsize=4)
axes.set_yticks(range(len(names)), names)
axes.set(xlabel="gain d'exactitude de validation, en points")
axes.invert_yaxis()
plt.show()
# --8<-- [end:plot]

# --8<-- [start:recipe]
# La même comparaison par paires, face au meilleur remède seul
center, width = interval(val["tous ensemble"] - val["normalisation par lots"])
recipe_low, recipe_high = center - width, center + width
print("La recette, face à la normalisation seule :")
print(f"    gain de {recipe_low:.2f} à {recipe_high:.2f} point")
# --8<-- [end:recipe]

# --8<-- [start:judge]
test = {}
for name in ("témoin", "tous ensemble"):
    scores = [evaluate(model, x_test, y_test) for model in models[name]]
    test[name] = 100 * np.array(scores)
    mean, half = interval(test[name])
    print(f"test, {name} : {mean:.2f} % ± {half:.2f}")
center, width = interval(test["tous ensemble"] - test["témoin"])
print(f"gain de {center - width:.2f} à {center + width:.2f} points")

base_test, full_test = test["témoin"].mean(), test["tous ensemble"].mean()
base_val, full_val = val["témoin"].mean(), val["tous ensemble"].mean()
test_gain = center
# --8<-- [end:judge]

# --8<-- [start:check]
assert base_val > 90 and base_test > 90, "le témoin n'a pas appris"
assert full_test > base_test, "la recette devait aider sur le test"
others = dropout_gain, l2_gain, decay_gain, moves_gain, cycle_gain
assert norm_gain > max(others), "un autre remède domine"
center, width = interval(gain["normalisation par lots"])
assert center > width, "son intervalle devait rester au-dessus de zéro"
center, width = interval(test["tous ensemble"] - test["témoin"])
assert center > width, "celui de la recette aussi"
print("Tout est vrai.")
# --8<-- [end:check]
