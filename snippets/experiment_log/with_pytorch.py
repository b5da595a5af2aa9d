# --8<-- [start:imports]
import json
import sys
from importlib.metadata import version
from pathlib import Path

# TensorBoard chargerait TensorFlow, s'il est installé, à côté de PyTorch
sys.modules["tensorflow"] = None

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)
from torch import nn
from torch.utils.tensorboard import SummaryWriter

# --8<-- [end:imports]

# --8<-- [start:settings]
BASELINE = {"learning_rate": 0.1, "batch_size": 32, "width": 32}
CHANGES = {
    "00-reference": {},
    "01-taux": {"learning_rate": 0.3},
    "02-largeur": {"width": 64},
}
SEEDS = [0, 1, 2]
EPOCHS = 3

torch.set_num_threads(1)
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_train, x_val, y_train, y_val = train_test_split(
    x, y, test_size=400, stratify=y, random_state=0
)
x_train, x_val = torch.tensor(x_train), torch.tensor(x_val)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:data]


# --8<-- [start:run]
def run(folder, seed, learning_rate, batch_size, width):
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    with SummaryWriter(folder) as writer:
        for epoch in range(EPOCHS):
            for rows in torch.randperm(len(x_train)).split(batch_size):
                loss = loss_fn(model(x_train[rows]), y_train[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                logits = model(x_val)
            correct = logits.argmax(dim=1) == y_val
            writer.add_scalar("perte", loss_fn(logits, y_val), epoch)
            writer.add_scalar("exactitude", correct.float().mean(), epoch)


for name, change in CHANGES.items():
    for seed in SEEDS:
        run(f"journal/{name}/graine-{seed}", seed, **(BASELINE | change))
n_runs = len(list(Path("journal").glob("*/*")))
print(n_runs, "entraînements consignés dans journal/")
# --8<-- [end:run]


# --8<-- [start:read]
def final_accuracy(folder):
    events = EventAccumulator(folder)
    events.Reload()
    return events.Scalars("exactitude")[-1].value


scores = {}
for name in CHANGES:
    folders = [f"journal/{name}/graine-{seed}" for seed in SEEDS]
    scores[name] = [final_accuracy(folder) for folder in folders]
    listed = " ".join(f"{value:.1%}" for value in scores[name])
    print(f"{name:12} · {listed}")
# --8<-- [end:read]

# --8<-- [start:card]
PACKAGES = ["numpy", "scikit-learn", "torch"]
card = {
    "question": "Un taux plus grand aide-t-il, à réglages égaux ?",
    "référence": BASELINE,
    "changement": CHANGES["01-taux"],
    "graines": SEEDS,
    "données": "digits, découpage random_state=0, 400 en validation",
    "exactitudes": {name: scores[name] for name in list(CHANGES)[:2]},
    "versions": {name: version(name) for name in PACKAGES},
}
Path("journal/01-taux/fiche.json").write_text(
    json.dumps(card, ensure_ascii=False, indent=2), encoding="utf-8"
)
lock = "".join(f"{name}=={version(name)}\n" for name in PACKAGES)
Path("journal/01-taux/requirements.txt").write_text(lock, encoding="utf-8")

for path in sorted(Path("journal/01-taux").glob("*.*")):
    print(path.name)
print("Rubriques :", ", ".join(card))
# --8<-- [end:card]

# --8<-- [start:check]
assert n_runs == 9, "il manque des entraînements au journal"
assert all(len(BASELINE | c) == 3 for c in CHANGES.values()), "réglage inconnu"
assert all(len(c) <= 1 for c in CHANGES.values()), "un changement à la fois"
assert min(scores["00-reference"]) > 0.7, "référence trop faible"
pairs = zip(scores["01-taux"], scores["00-reference"])
assert all(high > low for high, low in pairs), "le taux aide parfois"
assert lock.count("==") == 3, "verrou incomplet"
print("Tout est vrai.")
# --8<-- [end:check]
