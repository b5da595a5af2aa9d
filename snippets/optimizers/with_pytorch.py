# --8<-- [start:imports]
import numpy as np
import torch
from sklearn.datasets import load_diabetes

# --8<-- [end:imports]

# --8<-- [start:load]
STEPS = 40

data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
x = torch.tensor((bmi - 20) / bmi.std()).float()
y = (data.target - data.target.mean()) / data.target.std()
y = torch.tensor(y).float()
# --8<-- [end:load]

# --8<-- [start:run]
optimizers = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
    "élan": lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.8),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.03, alpha=0.9),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.1),
}
finals = {}
for name, build in optimizers.items():
    theta = torch.zeros(2, requires_grad=True)
    optimizer = build([theta])
    for _ in range(STEPS):
        loss = torch.mean((theta[0] * x + theta[1] - y) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    finals[name] = theta.detach().numpy()
    print(f"{name:8} w {finals[name][0]:.3f} · b {finals[name][1]:.3f}")
# --8<-- [end:run]

# --8<-- [start:check]
best = np.polyfit(x.numpy(), y.numpy(), 1)
assert all(np.linalg.norm(t - best) < 0.6 for t in finals.values())
print("Tout est vrai.")
# --8<-- [end:check]
