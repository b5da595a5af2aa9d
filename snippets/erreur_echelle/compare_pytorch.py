# --8<-- [start:data]
import torch
from torch import nn
from torchvision import datasets

# 2 000 images pour apprendre, 1 000 pour comparer : l'essai reste court
torch.set_num_threads(1)  # un si petit modèle n'en occupe pas deux
mnist = datasets.MNIST("data", train=True, download=True)
raw_train = mnist.data[:2000].flatten(1).float()
raw_val = mnist.data[2000:3000].flatten(1).float()
y_train, y_val = mnist.targets[:2000], mnist.targets[2000:3000]
x_train, x_val = raw_train / 255, raw_val / 255
loss_fn = nn.CrossEntropyLoss()


def train(x):
    torch.manual_seed(0)  # mêmes poids de départ
    model = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(4):
        for rows in torch.randperm(len(x)).split(32):
            loss = loss_fn(model(x[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def accuracy(model, x):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y_val).float().mean().item()


good = train(x_train)
reference = accuracy(good, x_val)
print(f"Référence : {reference:.1%}")
# --8<-- [end:data]

# --8<-- [start:scale]
raw_accuracy = accuracy(train(raw_train), raw_val)
print(f"Pixels de 0 à 1   : {reference:.1%}")
print(f"Pixels de 0 à 255 : {raw_accuracy:.1%}")
# --8<-- [end:scale]

# --8<-- [start:serving]
# Le bon modèle, mais des images noires sur blanc, comme un scan
inverted_accuracy = accuracy(good, 1 - x_val)
print(f"Préparation de l'entraînement : {reference:.1%}")
print(f"Autre préparation             : {inverted_accuracy:.1%}")
# --8<-- [end:serving]

# --8<-- [start:rate]
# Données synthétiques : une droite, y = 3x + 2
line_x = torch.linspace(-1, 1, 100).reshape(-1, 1)
line_y = 3 * line_x + 2


def fit_line(learning_rate):
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(line.parameters(), lr=learning_rate)
    losses = []
    for _ in range(20):
        loss = nn.functional.mse_loss(line(line_x), line_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses)


huge, moderate = fit_line(100.0), fit_line(0.5)
for epoch in (1, 2, 3, 10, 20):
    print(
        f"Époque {epoch:2d} · taux 100 : {huge[epoch - 1]:7.0e}"
        f" · taux 0,5 : {moderate[epoch - 1]:7.0e}"
    )
first_bad = int(huge.isfinite().logical_not().nonzero()[0]) + 1
print("Première époque sans nombre fini :", first_bad)
# --8<-- [end:rate]

# --8<-- [start:check]
assert reference > 0.75, "la référence doit apprendre"
assert raw_accuracy < reference - 0.1, "les pixels bruts doivent coûter"
assert inverted_accuracy < reference - 0.1, "la préparation doit compter"
assert huge[-1].isnan(), "la perte doit finir en `nan`"
assert moderate[-1] < 0.01, "un taux modéré doit apprendre"
print("Tout est vrai.")
# --8<-- [end:check]
