# --8<-- [start:shape]
import math

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)

# `Flatten` met chaque image à plat et garde la dimension du lot
model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
images = torch.rand(32, 1, 28, 28)
logits = model(images)
print(tuple(images.shape), "→", tuple(logits.shape))
# --8<-- [end:shape]

# --8<-- [start:channels]
photos = torch.rand(4, 32, 32, 3)
layer = nn.Conv2d(3, 8, kernel_size=3)

# Amener les canaux juste après le lot
photos = photos.permute(0, 3, 1, 2)
features = layer(photos)
print(tuple(photos.shape), "→", tuple(features.shape))
# --8<-- [end:channels]

# --8<-- [start:dtype]
layer = nn.Linear(3, 1)

# Des nombres à virgule venus de NumPy
table = np.array([[1.5, 2.0, 3.1]])
x = torch.from_numpy(table).float()
print(table.dtype, "→", x.dtype)
prediction = layer(x)

# Des entiers : même famille d'erreur, même remède
whole = torch.tensor([[1, 2, 3]])
try:
    layer(whole)
except RuntimeError as error:
    print(error)
print(whole.dtype, "→", layer(whole.float()).dtype)
# --8<-- [end:dtype]

# --8<-- [start:numpy]
predictions = layer(torch.rand(4, 3))
values = predictions.detach().numpy()

# Pour une simple prédiction, ne pas préparer de gradient du tout
with torch.no_grad():
    direct = layer(torch.rand(4, 3)).numpy()
print(values.shape, direct.shape)
# --8<-- [end:numpy]

# --8<-- [start:one_hot]
loss_fn = nn.CrossEntropyLoss()
logits = torch.zeros(4, 3)
one_hot = torch.tensor([[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])
try:
    loss_fn(logits, one_hot)
except RuntimeError as error:
    print(error)

# Retrouver les numéros de classe
labels = one_hot.argmax(dim=1)
loss = loss_fn(logits, labels)
print(labels.tolist(), f"· perte {loss.item():.3f}")
# --8<-- [end:one_hot]

# --8<-- [start:labels]
raw_labels = torch.tensor([1, 2, 3, 1])
classes, labels = raw_labels.unique(return_inverse=True)
print("Classes :", classes.tolist(), "· numéros :", labels.tolist())
print(f"Perte : {loss_fn(logits, labels).item():.3f}")

# Pour relire une prédiction, faire le chemin inverse
original = classes[labels]
print("Étiquettes d'origine :", original.tolist())

# Un numéro de classe est un entier, même s'il a l'air d'un nombre
try:
    loss_fn(logits, labels.float())
except RuntimeError as error:
    print(error)
# --8<-- [end:labels]

# --8<-- [start:embedding]
# La place 0 est réservée aux mots que le vocabulaire ne connaît pas
words = ["<inconnu>", "le", "chat", "dort"]
index = {word: number for number, word in enumerate(words)}
embedding = nn.Embedding(len(words), 4)

numbers = [index.get(word, 0) for word in ["le", "chien", "dort"]]
vectors = embedding(torch.tensor(numbers))
print(numbers, "→", tuple(vectors.shape))
# --8<-- [end:embedding]

# --8<-- [start:binary]
images = torch.rand(8, 64)

# Dix classes, une seule juste : entropie croisée, étiquettes entières
digits = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7])
ten_loss = nn.CrossEntropyLoss()(nn.Linear(64, 10)(images), digits)

# Deux classes : une seule sortie, étiquettes `0.0` ou `1.0`, même forme
is_even = (digits % 2 == 0).float().reshape(-1, 1)
two_loss = nn.BCEWithLogitsLoss()(nn.Linear(64, 1)(images), is_even)
print(f"Dix classes : {ten_loss:.2f} · deux classes : {two_loss:.2f}")
# --8<-- [end:binary]

# --8<-- [start:backward]
x = torch.rand(20, 2)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

losses = []
for _ in range(100):
    loss = nn.MSELoss()(model(x), y)  # recalculée à chaque tour
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"Perte : {losses[0]:.3f} → {losses[-1]:.3f}")
# --8<-- [end:backward]

# --8<-- [start:in_place]
weights = torch.ones(3, requires_grad=True)
(weights**2).sum().backward()

# La correction d'un poids n'est pas un calcul à dériver
with torch.no_grad():
    weights -= 0.1 * weights.grad
print([round(weight, 3) for weight in weights.tolist()])

# Même famille : écraser une valeur dont le gradient a besoin
growth = weights.exp()
growth += 1
try:
    growth.sum().backward()
except RuntimeError as error:
    print(error)

# Créer un nouveau tenseur au lieu de modifier l'ancien
growth = weights.exp()
growth = growth + 1
growth.sum().backward()
# --8<-- [end:in_place]

# --8<-- [start:lost_gradient]
model = nn.Linear(2, 1)
try:
    with torch.no_grad():
        loss = model(torch.rand(4, 2)).mean()
    loss.backward()
except RuntimeError as error:
    print(error)

# Hors de no_grad, le calcul est suivi
loss = model(torch.rand(4, 2)).mean()
print("Suivie :", loss.requires_grad)
loss.backward()
# --8<-- [end:lost_gradient]

# --8<-- [start:keys]
trained = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
torch.save(trained.state_dict(), "weights.pt")


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 3)
        self.scores = nn.Linear(3, 2)

    def forward(self, x):
        return self.scores(self.hidden(x).relu())


model = Classifier()
state = torch.load("weights.pt")
try:
    model.load_state_dict(state)
except RuntimeError as error:
    print(str(error).expandtabs(4))

# Donner à chaque couche le nom qu'elle porte dans le nouveau modèle
names = {"0": "hidden", "2": "scores"}
renamed = {}
for key, tensor in state.items():
    number, kind = key.split(".")
    renamed[f"{names[number]}.{kind}"] = tensor
print(model.load_state_dict(renamed))
# --8<-- [end:keys]

# --8<-- [start:check]
assert features.shape == (4, 8, 30, 30), "les canaux ne sont pas à leur place"
assert prediction.dtype == torch.float32, "le modèle calcule en float32"
assert math.isclose(ten_loss.item(), math.log(10), abs_tol=0.5)
assert losses[-1] < losses[0] / 10, "la droite n'est pas apprise"
x = torch.rand(5, 4)
assert torch.equal(model(x), trained(x)), "les poids n'ont pas été repris"
print("Tout est vrai.")
# --8<-- [end:check]
