# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
EPOCHS = 10
BATCH_SIZE = 32
WIDTH = 32

torch.set_num_threads(1)  # un si petit réseau va plus vite sur un seul fil
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_rest, x_test, y_rest, y_test = train_test_split(
    x, y, test_size=597, stratify=y, random_state=0
)
x_train, x_val, y_train, y_val = train_test_split(
    x_rest, y_rest, test_size=400, stratify=y_rest, random_state=0
)
x_train, x_val = torch.tensor(x_train), torch.tensor(x_val)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
n_train, n_val = len(x_train), len(x_val)
print(f"{n_train} images pour apprendre, {n_val} pour régler")
# --8<-- [end:data]


# --8<-- [start:define]
def build_model(width):
    # Même graine à chaque essai : seul le réglage étudié change
    torch.manual_seed(SEED)
    return nn.Sequential(
        nn.Linear(64, width),
        nn.ReLU(),
        nn.Linear(width, 10),
    )


model = build_model(WIDTH)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:train]
def train(learning_rate, batch_size=BATCH_SIZE, width=WIDTH, epochs=EPOCHS):
    model = build_model(width)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    history = {"loss": [], "val_accuracy": []}
    for _ in range(epochs):
        total_loss = 0.0
        for rows in torch.randperm(n_train).split(batch_size):
            loss = loss_fn(model(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(rows)
        with torch.no_grad():
            correct = model(x_val).argmax(dim=1) == y_val
        history["loss"].append(total_loss / n_train)
        history["val_accuracy"].append(correct.float().mean().item())
    return history


# --8<-- [end:train]


# --8<-- [start:rates]
runs = {rate: train(rate) for rate in [0.001, 0.01, 0.1, 1.0, 10.0]}
for rate, history in runs.items():
    print(
        f"taux {rate:<6} · perte {history['loss'][-1]:.2f}"
        f" · validation {history['val_accuracy'][-1]:.1%}"
    )
slow_accuracy = runs[0.001]["val_accuracy"][-1]
good_accuracy = max(run["val_accuracy"][-1] for run in runs.values())
wild_accuracy = runs[10.0]["val_accuracy"][-1]
# --8<-- [end:rates]

# --8<-- [start:curves]
figure, axes = plt.subplots(figsize=(7, 3.6))
for (rate, history), marker in zip(runs.items(), "os^Dv"):
    label = f"taux {rate}"
    axes.plot(
        range(1, EPOCHS + 1),
        history["val_accuracy"],
        marker=marker,
        label=label,
    )
axes.set(xlabel="époque", ylabel="exactitude de validation")
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
# --8<-- [end:curves]

# --8<-- [start:batches]
steps_small, steps_large = -(-n_train // 32), -(-n_train // 256)
small = runs[0.1]["val_accuracy"][-1]  # déjà entraîné
large = train(0.1, batch_size=256)["val_accuracy"][-1]
large_faster = train(1.0, batch_size=256)["val_accuracy"][-1]
print(f"lots de 32,  taux 0,1 · {steps_small} pas/époque · {small:.1%}")
print(f"lots de 256, taux 0,1 · {steps_large} pas/époque · {large:.1%}")
print(f"lots de 256, taux 1,0 · {steps_large} pas/époque · {large_faster:.1%}")
# --8<-- [end:batches]

# --8<-- [start:widths]
widths = {2: train(0.1, width=2), 32: runs[0.1], 128: train(0.1, width=128)}
for width, history in widths.items():
    print(f"{width:3} neurones · validation {history['val_accuracy'][-1]:.1%}")
narrow_accuracy = widths[2]["val_accuracy"][-1]
# --8<-- [end:widths]

# --8<-- [start:epochs]
longer = train(0.1, epochs=40)
for count in [1, 5, 10, 20, 40]:
    loss = longer["loss"][count - 1]
    accuracy = longer["val_accuracy"][count - 1]
    print(f"{count:2} époques · perte {loss:.2f} · validation {accuracy:.1%}")
first_gain, last_gain = (
    100 * (longer["val_accuracy"][end] - longer["val_accuracy"][start])
    for start, end in [(0, 19), (19, 39)]
)
# --8<-- [end:epochs]

# --8<-- [start:check]
assert longer["loss"][39] < longer["loss"][19], "la perte devait descendre"
assert abs(last_gain) < first_gain / 4, "le plateau a disparu"
assert good_accuracy > 0.85, "aucun taux ne convient"
assert slow_accuracy < good_accuracy - 0.2, (
    "le plus petit taux devrait être lent"
)
assert wild_accuracy < good_accuracy - 0.2, "10 devrait être trop grand"
assert large < small and large < large_faster, "lots et taux vont ensemble"
assert np.isfinite(runs[0.1]["loss"]).all(), "perte non finie"
print("Tout est vrai.")
# --8<-- [end:check]
