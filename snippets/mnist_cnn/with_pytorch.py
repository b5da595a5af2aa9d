# --8<-- [start:imports]
import math
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = [42, 43, 44]
BATCH_SIZE = 128
EPOCHS = 2
MAX_RATE = 0.02

torch.manual_seed(SEEDS[0])
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train, y_train = train_data.data, train_data.targets
x_test, y_test = test_data.data, test_data.targets
print("Entraînement :", tuple(x_train.shape), x_train.dtype)
# --8<-- [end:load]

# --8<-- [start:prepare]
# Retirer deux pixels à chaque bord, presque toujours noirs
x_train, x_test = x_train[:, 2:-2, 2:-2], x_test[:, 2:-2, 2:-2]
# Un canal de gris : (images, hauteur, largeur) devient (…, 1, …, …)
x_train = x_train.unsqueeze(1).float() / 255
x_test = x_test.unsqueeze(1).float() / 255

# Réserver 5 000 images d'entraînement pour régler
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]

n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print("Un lot :", tuple(x_train[:BATCH_SIZE].shape))
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:prepare]


# --8<-- [start:batches]
def batches(x, y):
    # Mélanger les numéros, puis prendre chaque lot d'un seul coup
    for rows in torch.randperm(len(x)).split(BATCH_SIZE):
        yield x[rows], y[rows]


def browse(source):
    start = time.perf_counter()
    count = sum(len(labels) for _, labels in source)
    return count, time.perf_counter() - start


loader = DataLoader(
    TensorDataset(x_train, y_train), batch_size=BATCH_SIZE, shuffle=True
)
loader_count, loader_time = browse(loader)
slice_count, slice_time = browse(batches(x_train, y_train))
print(f"Images vues : {loader_count} et {slice_count}")
print("DataLoader est le plus lent :", loader_time > slice_time)
# --8<-- [end:batches]


# --8<-- [start:define]
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        # La normalisation décale déjà : pas de biais avant elle
        self.conv1 = nn.Conv2d(1, 16, 5, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 5, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.pool = nn.MaxPool2d(2)
        self.dense = nn.Linear(32 * 3 * 3, 10)

    def forward(self, images):
        maps = torch.relu(self.norm1(self.pool(self.conv1(images))))
        maps = torch.relu(self.norm2(self.pool(self.conv2(maps))))
        return self.dense(maps.flatten(start_dim=1))


model = CNN()
n_parameters = sum(p.numel() for p in model.parameters())
n_numbers = n_parameters + sum(
    b.numel() for b in model.buffers() if b.is_floating_point()
)
print(f"{n_parameters} paramètres appris, {n_numbers} nombres en tout")
# --8<-- [end:define]

# --8<-- [start:sequential]
sequential = nn.Sequential(
    nn.Conv2d(1, 16, 5, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Conv2d(16, 32, 5, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(32 * 3 * 3, 10),
)
# Mêmes tenseurs, dans le même ordre : seuls leurs noms diffèrent
names = sequential.state_dict().keys()
sequential.load_state_dict(dict(zip(names, model.state_dict().values())))

model.eval()
sequential.eval()
with torch.no_grad():
    maps = x_test[:64]
    scores = model(maps)
    for layer in sequential:
        maps = layer(maps)
        print(f"{type(layer).__name__:12} {tuple(maps.shape[1:])}")
twin_gap = (scores - maps).abs().max().item()
print(f"Plus grand écart entre les scores : {twin_gap:.6f}")
# --8<-- [end:sequential]

# --8<-- [start:loss]
# Le modèle sort des scores bruts : la perte applique elle-même softmax
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]

# --8<-- [start:schedule]
n_steps = EPOCHS * math.ceil(n_train / BATCH_SIZE)


def prepare_training(model):
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    # Le taux monte pendant un quart des lots, puis redescend
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, MAX_RATE, n_steps, pct_start=0.25, cycle_momentum=False
    )
    return optimizer, schedule


print(f"{n_steps} corrections")
# --8<-- [end:schedule]


# --8<-- [start:train]
def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(images) for images in x.split(1000)])
    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    return loss_fn(logits, y).item(), accuracy


def train(seed):
    torch.manual_seed(seed)
    model = CNN().to(memory_format=torch.channels_last)
    optimizer, schedule = prepare_training(model)
    history = {"loss": [], "val_loss": [], "val_accuracy": [], "rate": []}
    for epoch in range(EPOCHS):
        model.train()
        total_loss, n_correct = 0.0, 0
        for images, labels in batches(x_train, y_train):
            logits = model(images)  # 1. prédire
            loss = loss_fn(logits, labels)  # 2. mesurer l'erreur
            optimizer.zero_grad()  # 3. oublier les anciens gradients
            loss.backward()  # 4. calculer les gradients
            history["rate"].append(schedule.get_last_lr()[0])
            optimizer.step()  # 5. corriger les poids
            schedule.step()  # 6. changer le taux
            total_loss += loss.item() * len(images)
            n_correct += (logits.argmax(dim=1) == labels).sum().item()

        val_loss, val_accuracy = evaluate(model, x_val, y_val)
        history["loss"].append(total_loss / n_train)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        print(
            f"Époque {epoch + 1}/{EPOCHS}"
            f" · perte {history['loss'][-1]:.3f}"
            f" · exactitude {n_correct / n_train:.1%}"
            f" · validation {val_accuracy:.2%}"
        )
    return model, history


model, history = train(SEEDS[0])
first_accuracy = history["val_accuracy"][0]
val_accuracy = history["val_accuracy"][-1]
# --8<-- [end:train]

# --8<-- [start:curves]
epochs = range(1, EPOCHS + 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
left.plot(history["rate"])
left.set(title="Taux d'apprentissage", xlabel="correction")
right.plot(epochs, history["loss"], marker="o", label="entraînement")
right.plot(epochs, history["val_loss"], marker="s", label="validation")
right.set(title="Perte", xlabel="époque", xticks=epochs)
right.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:evaluate]
test_loss, test_accuracy = evaluate(model, x_test, y_test)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.2%}")
# --8<-- [end:evaluate]

# --8<-- [start:seeds]
test_accuracies = [test_accuracy]
for seed in SEEDS[1:]:
    print("Graine", seed)
    other, _ = train(seed)
    test_accuracies.append(evaluate(other, x_test, y_test)[1])

accuracy_42, accuracy_43, accuracy_44 = test_accuracies
for seed, accuracy in zip(SEEDS, test_accuracies):
    print(f"Test, graine {seed} : {accuracy:.2%}")
mean_accuracy = np.mean(test_accuracies)
worst_accuracy = min(test_accuracies)
# --8<-- [end:seeds]

# --8<-- [start:predict]
with torch.no_grad():
    probabilities = model(x_test).softmax(dim=1)
confidences, predictions = probabilities.max(dim=1)

for index in range(5):
    print(
        f"vérité {y_test[index]} · réponse {predictions[index]}"
        f" · sûr à {confidences[index]:.1%}"
    )
# --8<-- [end:predict]

# --8<-- [start:mistakes]
mistakes = torch.nonzero(predictions != y_test).flatten()
n_mistakes = len(mistakes)
# Les erreurs les plus sûres d'elles en premier
worst = mistakes[confidences[mistakes].argsort(descending=True)]

figure, grid = plt.subplots(2, 6, figsize=(9, 3.6))
for axes, index in zip(grid.flat, worst):
    axes.imshow(x_test[index, 0], cmap="gray")
    axes.set_title(f"{y_test[index]} lu {predictions[index]}")
    axes.axis("off")
plt.show()
print(f"{n_mistakes} images mal classées sur {n_test}")
print("Les plus sûres, dans l'ordre de la figure :")
for row in (worst[:6], worst[6:12]):
    print(" · ".join(f"{y_test[n]} lu {predictions[n]}" for n in row))
# --8<-- [end:mistakes]

# --8<-- [start:kernels]
kernels = model.conv1.weight.detach()[:, 0]  # noyau, hauteur, largeur
with torch.no_grad():
    maps = model.pool(model.conv1(x_test[:1]))
    maps = torch.relu(model.norm1(maps))[0]

limit = kernels.abs().max()
figure, grid = plt.subplots(4, 8, figsize=(9, 4.8))
for number in range(16):
    row, column = divmod(number, 8)
    top, bottom = grid[2 * row, column], grid[2 * row + 1, column]
    top.imshow(kernels[number], cmap="RdBu", vmin=-limit, vmax=limit)
    bottom.imshow(maps[number], cmap="gray")
for axes in grid.flat:
    axes.axis("off")
plt.show()
# --8<-- [end:kernels]

# --8<-- [start:check]
assert worst_accuracy >= 0.99, "une graine sous 99 %"
assert twin_gap < 1e-4, "les deux écritures devraient s'accorder"
assert set(predictions.tolist()) == set(range(10)), "chiffre jamais prédit"
assert n_parameters < 20_000, "ce réseau devait rester petit"
assert loader_count == slice_count == n_train, "chaque image, une fois"
print("Tout est vrai.")
# --8<-- [end:check]
