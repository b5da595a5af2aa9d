# --8<-- [start:faulty]
import torch
from torch import nn

model = nn.Linear(64, 10)
images = torch.rand(8, 64)
labels = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7])
loss = nn.BCEWithLogitsLoss()(model(images), labels)
# --8<-- [end:faulty]
