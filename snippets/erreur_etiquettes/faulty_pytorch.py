# --8<-- [start:faulty]
import torch
from torch import nn

logits = torch.zeros(4, 3)  # 4 exemples, 3 classes
labels = torch.tensor([1, 2, 3, 1])
loss = nn.CrossEntropyLoss()(logits, labels)
# --8<-- [end:faulty]
