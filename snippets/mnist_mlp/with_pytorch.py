# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 5
LEARNING_RATE = 0.003

# Même graine, mêmes poids de départ, mêmes lots : l'essai se rejoue
torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train, y_train = train_data.data, train_data.targets
x_test, y_test = test_data.data, test_data.targets

print("Entraînement :", tuple(x_train.shape), x_train.dtype)
print("Test         :", tuple(x_test.shape), x_test.dtype)
print("Premières étiquettes :", y_train[:10].tolist())
# --8<-- [end:load]

# --8<-- [start:prepare]
# Mettre chaque image à plat, ramener les pixels entre 0 et 1
x_train = x_train.reshape(-1, 784).float() / 255
x_test = x_test.reshape(-1, 784).float() / 255

# Réserver 5 000 images d'entraînement pour surveiller l'apprentissage
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]

train_loader = DataLoader(
    TensorDataset(x_train, y_train), batch_size=BATCH_SIZE, shuffle=True
)
n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:prepare]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
# Le modèle sort des scores bruts : la perte applique elle-même softmax
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}


def evaluate(x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
    loss = loss_fn(logits, y).item()
    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    return loss, accuracy


for epoch in range(EPOCHS):
    model.train()
    total_loss, n_correct = 0.0, 0
    for images, labels in train_loader:
        logits = model(images)  # 1. prédire
        loss = loss_fn(logits, labels)  # 2. mesurer l'erreur
        optimizer.zero_grad()  # 3. oublier les anciens gradients
        loss.backward()  # 4. calculer les gradients
        optimizer.step()  # 5. corriger les poids
        total_loss += loss.item() * len(images)
        n_correct += (logits.argmax(dim=1) == labels).sum().item()

    val_loss, val_accuracy = evaluate(x_val, y_val)
    history["loss"].append(total_loss / n_train)
    history["accuracy"].append(n_correct / n_train)
    history["val_loss"].append(val_loss)
    history["val_accuracy"].append(val_accuracy)
    print(
        f"Époque {epoch + 1}/{EPOCHS}"
        f" · perte {history['loss'][-1]:.3f}"
        f" · exactitude {history['accuracy'][-1]:.1%}"
        f" · validation {val_accuracy:.1%}"
    )
first_epoch_accuracy = history["accuracy"][0]
# --8<-- [end:train]

# --8<-- [start:curves]
epochs = range(1, EPOCHS + 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.plot(epochs, history["loss"], marker="o", label="entraînement")
left.plot(epochs, history["val_loss"], marker="s", label="validation")
left.set(title="Perte", xlabel="époque")
right.plot(epochs, history["accuracy"], marker="o", label="entraînement")
right.plot(epochs, history["val_accuracy"], marker="s", label="validation")
right.set(title="Exactitude", xlabel="époque")
left.legend()
right.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:evaluate]
test_loss, test_accuracy = evaluate(x_test, y_test)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.2%}")
# --8<-- [end:evaluate]

# --8<-- [start:confusion]
with torch.no_grad():
    logits = model(x_test)
predictions = logits.argmax(dim=1)

matrix = confusion_matrix(y_test, predictions)
figure, axes = plt.subplots(figsize=(6, 6))
ConfusionMatrixDisplay(matrix).plot(ax=axes, cmap="Blues", colorbar=False)
axes.set(xlabel="chiffre prédit", ylabel="chiffre réel")
plt.show()

errors_by_digit = matrix.sum(axis=1) - matrix.diagonal()
worst_digit = int(errors_by_digit.argmax())
n_worst = int(errors_by_digit.max())
print(f"Chiffre le plus souvent manqué : {worst_digit} ({n_worst} fois)")
# --8<-- [end:confusion]

# --8<-- [start:mistakes]
mistakes = np.flatnonzero(predictions != y_test)
n_mistakes = len(mistakes)
print(f"{n_mistakes} images mal classées sur {n_test}")

figure, grid = plt.subplots(2, 6, figsize=(9, 3.6))
for axes, index in zip(grid.flat, mistakes):
    axes.imshow(x_test[index].reshape(28, 28), cmap="gray")
    axes.set_title(f"{y_test[index]} lu {predictions[index]}")
    axes.axis("off")
plt.show()
# --8<-- [end:mistakes]

# --8<-- [start:predict]
image = x_test[:1]
with torch.no_grad():
    probabilities = model(image).softmax(dim=1).numpy()[0]

for digit, probability in enumerate(probabilities):
    print(f"{digit} : {probability:6.1%}")
confidence = probabilities.max()
print("Réponse :", probabilities.argmax(), "· vérité :", y_test[0].item())
# --8<-- [end:predict]

# --8<-- [start:check]
assert test_accuracy >= 0.97, "exactitude trop basse sur le test"
assert set(predictions.tolist()) == set(range(10)), "chiffre jamais prédit"
assert np.isclose(probabilities.sum(), 1), "somme différente de 1"
print("Tout est vrai.")
# --8<-- [end:check]
