# --8<-- [start:imports]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
N_TRAIN = 6_000
BATCH_SIZE = 64
EPOCHS = 2
LEARNING_RATE = 0.002

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train = train_data.data[:N_TRAIN].float() / 255
y_train = train_data.targets[:N_TRAIN]
x_test = test_data.data[::5].float() / 255
y_test = test_data.targets[::5]
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:load]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Unflatten(1, (1, 28)),  # ajouter le canal : (lot, 1, 28, 28)
    nn.Conv2d(1, 8, kernel_size=5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, kernel_size=5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 10),
)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
initial_kernels = model[1].weight.detach().numpy().copy()

for _ in range(EPOCHS):
    for indices in torch.randperm(N_TRAIN).split(BATCH_SIZE):
        loss = loss_fn(model(x_train[indices]), y_train[indices])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    predictions = model(x_test).argmax(dim=1)
test_accuracy = (predictions == y_test).float().mean().item()
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:kernels]
# Un noyau de la première couche : 5 × 5 poids, un seul canal
kernels = model[1].weight.detach().numpy()
limit = abs(kernels).max()

figure, axes = plt.subplots(2, 8, figsize=(10, 2.8))
for index in range(8):
    for ax, source in zip(axes[:, index], (initial_kernels, kernels)):
        ax.imshow(source[index, 0], cmap="RdBu", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("avant")
axes[1, 0].set_ylabel("après")
plt.show()
# --8<-- [end:kernels]

# --8<-- [start:maps]
image = x_test[:1]
with torch.no_grad():
    first_maps = model[:3](image)[0].numpy()  # après la première ReLU
    second_maps = model[:6](image)[0].numpy()  # après la seconde
print("Première couche :", first_maps.shape)
print("Seconde couche  :", second_maps.shape)

figure, axes = plt.subplots(3, 9, figsize=(10, 3.8))
axes[0, 0].imshow(image[0], cmap="gray")
for ax, one_map in zip(axes[0, 1:], first_maps):
    ax.imshow(one_map, cmap="viridis")
for ax, one_map in zip(axes[1:, 1:].flat, second_maps):
    ax.imshow(one_map, cmap="viridis")
axes[0, 0].set_title("image", fontsize=10)
for ax in axes.flat:
    ax.axis("off")
plt.show()
# --8<-- [end:maps]

# --8<-- [start:check]
assert n_parameters == 208 + 3216 + 7850, "paramètres comptés à la main"
assert test_accuracy > 0.9, "exactitude trop basse sur le test"
assert first_maps.shape == (8, 28, 28), "huit cartes de la taille de l'image"
assert second_maps.shape == (16, 14, 14), "seize cartes deux fois plus fines"
assert abs(kernels - initial_kernels).max() > 0.01, "noyaux inchangés"
print("Tout est vrai.")
# --8<-- [end:check]
