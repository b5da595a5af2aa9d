# --8<-- [start:imports]
import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:load]
LEARNING_RATE = 0.1
STEPS = 50
SHOWN = (1, 2, 3, 5, 10, 20, 50)

data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
x = torch.tensor((bmi - bmi.mean()) / bmi.std(), dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)


def show(step, loss, w, b):
    print(f"étape {step:2} · perte {loss.item():8.1f}", end="")
    print(f" · w {w.item():6.2f} · b {b.item():6.2f}")


# --8<-- [end:load]

# --8<-- [start:automatic]
w = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
for step in range(1, STEPS + 1):
    loss = torch.mean((w * x + b - y) ** 2)
    grad_w, grad_b = torch.autograd.grad(loss, [w, b])
    with torch.no_grad():
        w -= LEARNING_RATE * grad_w
        b -= LEARNING_RATE * grad_b
    if step in SHOWN:
        show(step, loss, w, b)
automatic_w, automatic_b = w.item(), b.item()
# --8<-- [end:automatic]

# --8<-- [start:optimizer]
model = nn.Linear(1, 1)
# Partir de zéro, comme à la main
nn.init.zeros_(model.weight)
nn.init.zeros_(model.bias)
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
loss_fn = nn.MSELoss()

# Un seul lot de 442 patients : une époque est une étape
inputs, targets = x.unsqueeze(1), y.unsqueeze(1)
for step in range(1, STEPS + 1):
    loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step in SHOWN:
        show(step, loss, model.weight, model.bias)
final_w, final_b = model.weight.item(), model.bias.item()
# --8<-- [end:optimizer]

# --8<-- [start:check]
best_w, best_b = np.polyfit(x.numpy(), data.target, 1)
assert np.allclose((automatic_w, automatic_b), (best_w, best_b), atol=0.02)
assert np.allclose((final_w, final_b), (automatic_w, automatic_b), atol=0.01)
print("Tout est vrai.")
# --8<-- [end:check]
