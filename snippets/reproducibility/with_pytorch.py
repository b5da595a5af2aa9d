# --8<-- [start:imports]
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# --8<-- [end:imports]

# --8<-- [start:settings]
EPOCHS = 3
BATCH_SIZE = 32
LEARNING_RATE = 0.005

# Un seul fil : l'ordre des sommes ne dépend plus du nombre de cœurs
torch.set_num_threads(1)
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
# Le découpage aussi se tire au hasard : sa graine est à part, et fixe
x_train, x_val, y_train, y_val = train_test_split(
    x, y, test_size=400, stratify=y, random_state=0
)
train_set = TensorDataset(torch.tensor(x_train), torch.tensor(y_train))
x_val, y_val = torch.tensor(x_val), torch.tensor(y_val)
n_val = len(x_val)
# --8<-- [end:data]


# --8<-- [start:define]
def build_model():
    return nn.Sequential(
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


model = build_model()
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]

# --8<-- [start:train]
# Une opération qui ne sait pas se répéter lèvera une erreur
torch.use_deterministic_algorithms(True)


def train(seed):
    torch.manual_seed(seed)  # les poids de départ
    model = build_model()
    generator = torch.Generator().manual_seed(seed)  # l'ordre des images
    loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=generator
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for images, labels in loader:
            loss = loss_fn(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    weights = nn.utils.parameters_to_vector(model.parameters()).detach()
    with torch.no_grad():
        correct = model(x_val).argmax(dim=1) == y_val
    return weights.numpy(), correct.float().mean().item()


# --8<-- [end:train]


# --8<-- [start:same]
first_weights, first_accuracy = train(seed=42)
again_weights, again_accuracy = train(seed=42)
other_weights, other_accuracy = train(seed=43)

same_seed_gap = np.abs(first_weights - again_weights).max()
other_seed_gap = np.abs(first_weights - other_weights).max()
print("Graine 42 deux fois, poids identiques :", same_seed_gap == 0)
print("Graines 42 et 43, poids identiques    :", other_seed_gap == 0)
# --8<-- [end:same]

# --8<-- [start:spread]
accuracies = [first_accuracy, other_accuracy]  # graines 42 et 43
accuracies += [train(seed)[1] for seed in range(44, 48)]
accuracies = np.array(accuracies)
mean_accuracy = accuracies.mean()
# La dispersion se donne en points d'exactitude
std_accuracy = 100 * accuracies.std(ddof=1)
range_accuracy = 100 * (accuracies.max() - accuracies.min())
print("Exactitudes :", " ".join(f"{value:.1%}" for value in accuracies))
print(f"{mean_accuracy:.1%} en moyenne, écart-type {std_accuracy:.1f} point")
# --8<-- [end:spread]

# --8<-- [start:sources]
# Un tirage de plus avant de construire le modèle, et tout change
torch.manual_seed(42)
expected = build_model()[0].weight[0, 0].item()
torch.manual_seed(42)
torch.rand(1)  # par exemple, une ligne de débogage
shifted = build_model()[0].weight[0, 0].item()
print("Premier poids inchangé :", expected == shifted)
# --8<-- [end:sources]

# --8<-- [start:order]
# Les mêmes nombres, additionnés dans un autre ordre
values = np.random.default_rng(0).normal(size=100_000).astype("float32")
forward = np.add.accumulate(values)[-1]
backward = np.add.accumulate(values[::-1])[-1]
exact = values.astype("float64").sum()
print(f"à l'endroit : {forward:.5f} · à l'envers : {backward:.5f}")
print(f"en double précision : {exact:.5f}")
order_gap = abs(float(forward) - float(backward))
# --8<-- [end:order]

# --8<-- [start:check]
assert same_seed_gap == 0, "même graine, poids différents"
assert first_accuracy == again_accuracy, "même graine, autre exactitude"
assert other_seed_gap > 0, "deux graines, mêmes poids"
assert range_accuracy > 0, "aucune dispersion entre graines"
assert expected != shifted, "un tirage de plus n'a rien changé"
assert 0 < order_gap < 1, "l'ordre des sommes devrait changer les décimales"
print("Tout est vrai.")
# --8<-- [end:check]
