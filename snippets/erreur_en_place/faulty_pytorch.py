# --8<-- [start:faulty]
import torch

weights = torch.ones(3, requires_grad=True)
loss = (weights**2).sum()
loss.backward()
weights -= 0.1 * weights.grad
# --8<-- [end:faulty]
