"""Référence : un CNN de tutoriel, aux réglages de l'exemple `mnist` de pytorch/examples.

Deux convolutions 3×3 (32 puis 64 canaux), couche dense de 128, abandons 0,25 et 0,5, Adadelta à 1,0 multiplié par
0,7 à chaque époque, lots de 64, 14 époques au plus, `DataLoader`. Arrêt à la première époque qui atteint 99 % sur le
test ; juger n'est pas compté. Usage : python pytorch_tutorial.py GRAINE ; imprime une ligne JSON.
"""

import json
import sys
from time import perf_counter

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(int(sys.argv[1]))
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_set = datasets.MNIST("donnees", train=True, download=True, transform=transform)
test_set = datasets.MNIST("donnees", train=False, download=True, transform=transform)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=1000)

began = perf_counter()
model = nn.Sequential(
    nn.Conv2d(1, 32, 3),
    nn.ReLU(),
    nn.Conv2d(32, 64, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Dropout(0.25),
    nn.Flatten(),
    nn.Linear(9216, 128),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(128, 10),
    nn.LogSoftmax(dim=1),
)
optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
seconds, epochs, accuracy = perf_counter() - began, 0, 0.0
while epochs < 14 and accuracy < 0.99:
    began = perf_counter()
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        nn.functional.nll_loss(model(images), labels).backward()
        optimizer.step()
    schedule.step()
    seconds += perf_counter() - began
    epochs += 1
    model.eval()
    with torch.no_grad():
        right = sum(int((model(images).argmax(dim=1) == labels).sum()) for images, labels in test_loader)
    accuracy = right / len(test_set)
print(json.dumps({"graine": int(sys.argv[1]), "secondes": seconds, "exactitude": accuracy, "epoques": epochs}))
