# --8<-- [start:faulty]
import torch
from torch import nn

layer = nn.Linear(3, 1)
predictions = layer(torch.rand(4, 3))
values = predictions.numpy()
# --8<-- [end:faulty]
