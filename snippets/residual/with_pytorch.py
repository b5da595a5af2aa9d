# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = [0, 1]
RATES = [0.003, 0.03]  # chaque réseau a droit à deux taux
N_BLOCKS = 8  # deux convolutions par bloc
WIDTH = 8  # cartes de caractéristiques par couche
BATCH_SIZE = 50
N_TRAIN = 1200
EPOCHS = 3

torch.set_num_threads(1)  # un petit réseau va plus vite sur un seul fil
# --8<-- [end:settings]

# --8<-- [start:data]
train_data = datasets.MNIST("data", train=True, download=True)
# Un pixel sur deux, centrés autour de zéro : 14 × 14 suffisent ici
x = train_data.data[:N_TRAIN, ::2, ::2].float() / 127.5 - 1
y = train_data.targets[:N_TRAIN]
print("Images :", tuple(x.shape))
# --8<-- [end:data]


# --8<-- [start:define]
def conv():
    layer = nn.Conv2d(WIDTH, WIDTH, 3, padding="same")
    # La même initialisation que Keras, pour comparer les deux onglets
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.first, self.second = conv(), conv()
        self.norm = nn.Sequential()  # rien, sauf avec normalisation
        if kind == "normalisé":
            self.norm = nn.BatchNorm2d(WIDTH)

    def forward(self, x):
        change = self.norm(self.second(torch.relu(self.first(x))))
        if self.kind == "résiduel":
            change = x + change  # le raccourci : une simple addition
        result = torch.relu(change)
        return result


def build(kind):
    return nn.Sequential(
        nn.Unflatten(1, (1, 14)),
        nn.Conv2d(1, WIDTH, 2, stride=2),
        nn.ReLU(),
        *[Block(kind) for _ in range(N_BLOCKS)],
        nn.Conv2d(WIDTH, 10, 7),  # la carte entière : une couche dense
        nn.Flatten(),
    )


model = build("résiduel")
n_residual = sum(p.numel() for p in model.parameters())
n_plain = sum(p.numel() for p in build("nu").parameters())
print(f"Nu : {n_plain} paramètres · résiduel : {n_residual}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:gradients]
def gradient_norms(kind):
    # Taille du gradient de chaque convolution, avant tout entraînement
    torch.manual_seed(SEEDS[0])
    model = build(kind)
    loss_fn(model(x[:500]), y[:500]).backward()
    blocks = [layer for layer in model if isinstance(layer, Block)]
    layers = [c for block in blocks for c in (block.first, block.second)]
    return [layer.weight.grad.norm().item() for layer in layers]


norms = {kind: gradient_norms(kind) for kind in ["nu", "résiduel"]}
depths = np.arange(1, 2 * N_BLOCKS + 1)
figure, axes = plt.subplots(figsize=(7, 3.6))
for (kind, values), marker in zip(norms.items(), "os"):
    axes.semilogy(depths, values, marker=marker, label=kind)
axes.set_xticks(depths[::3])
axes.set(xlabel="convolution, de l'entrée à la sortie", ylabel="norme")
axes.set_title("Gradient de chaque couche au départ")
axes.legend()
plt.show()
weakest_ratio = max(norms["nu"]) / min(norms["résiduel"])
print("Toutes les couches du réseau nu reçoivent moins que la plus")
print("mal servie du résiduel :", weakest_ratio < 1)
# --8<-- [end:gradients]


# --8<-- [start:train]
def train(kind, learning_rate, seed):
    torch.manual_seed(seed)
    model = build(kind)
    optimizer = torch.optim.SGD(model.parameters(), learning_rate, 0.9)
    losses = []
    for _ in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(N_TRAIN).split(BATCH_SIZE):
            loss = loss_fn(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / N_TRAIN)
    return losses


curves = {}
for kind in ["nu", "résiduel", "normalisé"]:
    tried = {r: [train(kind, r, seed) for seed in SEEDS] for r in RATES}
    # Le meilleur taux, pour chaque réseau : la plus basse perte finale
    best = min(tried, key=lambda rate: np.mean(tried[rate], axis=0)[-1])
    curves[kind] = np.array(tried[best])
    finals = " et ".join(f"{losses[-1]:.2f}" for losses in tried[best])
    print(f"{kind:10} taux {best:<5} perte finale {finals}")
# --8<-- [end:train]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.6))
epochs = range(1, EPOCHS + 1)
for (kind, losses), marker in zip(curves.items(), "os^"):
    axes.plot(epochs, losses.mean(axis=0), marker=marker, label=kind)
    axes.fill_between(
        epochs, losses.min(axis=0), losses.max(axis=0), alpha=0.2
    )
axes.axhline(np.log(10), linestyle=":", color="gray", label="au hasard")
axes.set_xticks(epochs)
axes.set(xlabel="époque", ylabel="perte d'entraînement")
axes.legend()
plt.show()
plain_loss = curves["nu"][:, -1].mean()
residual_loss = curves["résiduel"][:, -1].mean()
normalized_loss = curves["normalisé"][:, -1].mean()
chance_loss = np.log(10)
# --8<-- [end:plot]

# --8<-- [start:check]
assert n_plain == n_residual, "le raccourci n'a aucun paramètre"
assert weakest_ratio < 0.1, "le gradient du réseau nu devrait être minuscule"
assert curves["nu"][:, -1].min() > 2.1, (
    "le réseau nu ne devrait rien apprendre"
)
assert curves["résiduel"][:, -1].max() < 1.5, "le résiduel devrait apprendre"
assert curves["normalisé"][:, -1].max() < 2, "le normalisé devrait apprendre"
print("Tout est vrai.")
# --8<-- [end:check]
