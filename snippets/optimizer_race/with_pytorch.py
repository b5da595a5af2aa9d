# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:load]
SEEDS = range(3)
EPOCHS = 8
BATCH_SIZE = 128
RATES = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]

# Pour un si petit réseau, répartir le calcul coûte plus qu'il ne rapporte
torch.set_num_threads(1)

images, labels = load_digits(return_X_y=True)
x = torch.tensor(images / 16, dtype=torch.float32)
y = torch.tensor(labels)
rest, test = train_test_split(
    np.arange(len(x)), test_size=360, stratify=labels, random_state=0
)
train, val = train_test_split(
    rest, test_size=287, stratify=labels[rest], random_state=0
)
n_train, n_val, n_test = len(train), len(val), len(test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:load]

# --8<-- [start:define]
OPTIMIZERS = {
    "SGD": torch.optim.SGD,
    "élan": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "RMSprop": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
}


def make_model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


loss_fn = nn.CrossEntropyLoss()
model = make_model()
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:train]
def train_once(name, rate, seed):
    """Entraîner un réseau neuf ; rendre le modèle et ses pertes."""
    torch.manual_seed(seed)
    model = make_model()
    optimizer = OPTIMIZERS[name](model.parameters(), lr=rate)
    val_losses = []
    for _ in range(EPOCHS):
        shuffled = torch.tensor(train)[torch.randperm(n_train)]
        for rows in shuffled.split(BATCH_SIZE):
            loss = loss_fn(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_losses.append(loss_fn(model(x[val]), y[val]).item())
    return model, val_losses


# --8<-- [end:train]

# --8<-- [start:search]
runs = {
    (name, rate): [train_once(name, rate, seed) for seed in SEEDS]
    for name in OPTIMIZERS
    for rate in RATES
}


def mean_val_loss(name, rate):
    """Moyenne des graines, plafonnée à 3 (le hasard donne environ 2,3)."""
    loss = np.mean([losses[-1] for _, losses in runs[name, rate]])
    return float(np.fmin(loss, 3.0))  # une perte `nan` devient 3


best_rate = {}
for name in OPTIMIZERS:
    best_rate[name] = min(RATES, key=lambda rate: mean_val_loss(name, rate))
    row = " ".join(f"{mean_val_loss(name, rate):5.2f}" for rate in RATES)
    print(f"{name:8} {row} · taux retenu : {best_rate[name]}")
# --8<-- [end:search]

# --8<-- [start:curves]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
styles = zip(OPTIMIZERS, "os^D")
for name, marker in styles:
    chosen = np.array([losses for _, losses in runs[name, best_rate[name]]])
    epochs = range(1, EPOCHS + 1)
    left.plot(epochs, chosen.mean(axis=0), marker=marker, label=name)
    # La bande va de la meilleure à la pire des trois graines
    left.fill_between(epochs, chosen.min(0), chosen.max(0), alpha=0.2)
    losses = [mean_val_loss(name, rate) for rate in RATES]
    right.plot(RATES, losses, marker=marker, label=name)
left.set(title="Au meilleur taux", xlabel="époque", yscale="log")
left.set_ylabel("perte de validation")
right.set(title="Selon le taux", xlabel="taux", xscale="log", yscale="log")
left.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:judge]
mean_accuracy = {}
for name in OPTIMIZERS:
    with torch.no_grad():
        accuracies = [
            (model(x[test]).argmax(dim=1) == y[test]).float().mean().item()
            for model, _ in runs[name, best_rate[name]]
        ]
    mean_accuracy[name] = np.mean(accuracies)
    print(
        f"{name:8} exactitude {mean_accuracy[name]:.1%}"
        f" (de {min(accuracies):.1%} à {max(accuracies):.1%})"
    )
gap = 100 * (max(mean_accuracy.values()) - min(mean_accuracy.values()))
# --8<-- [end:judge]

# --8<-- [start:check]
assert all(a >= 0.9 for a in mean_accuracy.values())
assert best_rate["Adam"] < best_rate["SGD"], "les taux ne se comparent pas"
assert mean_val_loss("Adam", 0.01) < mean_val_loss("SGD", 0.01)
assert mean_val_loss("SGD", 0.3) < mean_val_loss("Adam", 0.3), "l'inverse"
print("Tout est vrai.")
# --8<-- [end:check]
