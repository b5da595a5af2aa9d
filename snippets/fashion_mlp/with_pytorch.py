# --8<-- [start:imports]
import matplotlib.pyplot as plt
import torch
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 2
LEARNING_RATE = 0.003
NAMES = ["t-shirt", "pantalon", "pull", "robe", "manteau"]
NAMES += ["sandale", "chemise", "basket", "sac", "bottine"]

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.FashionMNIST("data", train=True, download=True)
test_data = datasets.FashionMNIST("data", train=False, download=True)

x_train, y_train = train_data.data.reshape(-1, 784) / 255, train_data.targets
x_test, y_test = test_data.data.reshape(-1, 784) / 255, test_data.targets
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]
train_loader = DataLoader(
    TensorDataset(x_train, y_train), batch_size=BATCH_SIZE, shuffle=True
)
print("Premiers articles :", ", ".join(NAMES[y] for y in y_train[:5]))
# --8<-- [end:load]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
for _ in range(EPOCHS):
    for images, labels in train_loader:
        loss = loss_fn(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    val_accuracy = (model(x_val).argmax(dim=1) == y_val).float().mean()
    logits = model(x_test)
test_accuracy = (logits.argmax(dim=1) == y_test).float().mean()
print(f"Exactitude : validation {val_accuracy:.1%}, test {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:confusion]
matrix = confusion_matrix(y_test, logits.argmax(dim=1))
figure, axes = plt.subplots(figsize=(7, 7))
display = ConfusionMatrixDisplay(matrix, display_labels=NAMES)
display.plot(ax=axes, cmap="Blues", colorbar=False, xticks_rotation=45)
axes.set(xlabel="article prédit", ylabel="article réel")
plt.show()

recalls = matrix.diagonal() / matrix.sum(axis=1)
shirt_recall = recalls[NAMES.index("chemise")]
bag_recall = recalls[NAMES.index("sac")]
print(f"Reconnus : chemises {shirt_recall:.0%}, sacs {bag_recall:.0%}")
# --8<-- [end:confusion]

# --8<-- [start:check]
assert test_accuracy > 0.83, "exactitude trop basse"
assert shirt_recall < bag_recall, "la chemise est difficile"
print("Tout est vrai.")
# --8<-- [end:check]
