# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
BATCH_SIZE = 64
EPOCHS = 2
N_TRAIN = 10_000
N_TEST = 1000
# Changement permis à chaque pixel, qui va de 0 (noir) à 1 (blanc)
SIZES = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]

torch.manual_seed(SEED)
torch.set_num_threads(1)  # un petit réseau va plus vite sur un seul fil
# --8<-- [end:settings]

# --8<-- [start:data]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train = train_data.data[:N_TRAIN].float() / 255
y_train = train_data.targets[:N_TRAIN]
x_test = test_data.data[:N_TEST].float() / 255
y_test = test_data.targets[:N_TEST]
print("Entraînement :", tuple(x_train.shape))
print("Test         :", tuple(x_test.shape))
# --8<-- [end:data]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Unflatten(1, (1, 28)),
    nn.Conv2d(1, 16, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(64, 10),
)
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
# --8<-- [end:loss]


# --8<-- [start:train]
def accuracy(images):
    with torch.no_grad():
        return (model(images).argmax(dim=1) == y_test).float().mean().item()


for _ in range(EPOCHS):
    for rows in torch.randperm(N_TRAIN).split(BATCH_SIZE):
        loss = loss_fn(model(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
clean_accuracy = accuracy(x_test)
print(f"Exactitude sur des images intactes : {clean_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:sign]
# Le gradient de la perte par rapport aux pixels, et non plus aux poids
images = x_test.clone().requires_grad_()
loss_fn(model(images), y_test).backward()
direction = images.grad.sign()  # -1, 0 ou 1 pour chaque pixel


def attack(size):
    # Un pas dans le sens qui fait monter la perte ; rester entre 0 et 1
    return (x_test + size * direction).clamp(0, 1)


def noise(size):
    # Témoin : un pas de même taille, dans un sens tiré au sort
    torch.manual_seed(SEED)
    return (x_test + size * torch.randn_like(x_test).sign()).clamp(0, 1)


# --8<-- [end:sign]

# --8<-- [start:curve]
attacked = [accuracy(attack(size)) for size in SIZES]
noisy = [accuracy(noise(size)) for size in SIZES]
for size, hit, control in zip(SIZES, attacked, noisy):
    print(f"ε = {size:.2f} · attaque {hit:6.1%} · hasard {control:6.1%}")

figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(SIZES, attacked, marker="o", label="attaque")
axes.plot(SIZES, noisy, marker="s", label="bruit au hasard")
axes.set(xlabel="ε, changement permis par pixel", ylabel="exactitude")
axes.set_ylim(0, 1.02)
axes.legend()
plt.show()
attacked_tenth, noisy_tenth = attacked[2], noisy[2]
attacked_fifth, noisy_fifth = attacked[4], noisy[4]
# --8<-- [end:curve]

# --8<-- [start:images]
size = 0.15
with torch.no_grad():
    before = model(x_test).argmax(dim=1)
    after = model(attack(size)).argmax(dim=1)
fooled = np.flatnonzero((before == y_test) & (after != y_test))[:6]
n_fooled = len(fooled)

figure, grid = plt.subplots(3, 6, figsize=(9, 4.8))
rows = [x_test, size * direction, attack(size)]
for line, (pictures, low) in enumerate(zip(rows, [0, -1, 0])):
    for axes, index in zip(grid[line], fooled):
        axes.imshow(pictures[index], cmap="gray", vmin=low, vmax=1)
        axes.axis("off")
for axes, index in zip(grid[0], fooled):
    axes.set_title(f"lu {before[index]}")
for axes, index in zip(grid[2], fooled):
    axes.set_title(f"lu {after[index]}")
plt.show()
# --8<-- [end:images]

# --8<-- [start:check]
largest_change = (attack(size) - x_test).abs().max().item()
assert clean_accuracy > 0.93, "le modèle devrait savoir lire"
assert largest_change < size + 1e-6, "aucun pixel ne change de plus de ε"
assert attacked_fifth < 0.6, "l'attaque devrait réussir"
assert noisy_fifth > attacked_fifth + 0.25, "le bruit devrait peu gêner"
assert n_fooled == 6, "six images trompées à montrer"
print("Tout est vrai.")
# --8<-- [end:check]
