# --8<-- [start:faulty]
import numpy as np
import torch
from torch import nn

table = np.array([[1.5, 2.0, 3.1]])
layer = nn.Linear(3, 1)
prediction = layer(torch.from_numpy(table))
# --8<-- [end:faulty]
