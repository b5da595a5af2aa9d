# --8<-- [start:faulty]
import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(20, 2)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = nn.MSELoss()(model(x), y)
for _ in range(100):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# --8<-- [end:faulty]
