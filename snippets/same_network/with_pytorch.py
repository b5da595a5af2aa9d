# --8<-- [start:data]
import numpy as np
import torch
from sklearn.datasets import load_diabetes

x, y = load_diabetes(return_X_y=True, scaled=False)
x = torch.from_numpy((x - x.mean(axis=0)) / x.std(axis=0))
y = torch.from_numpy((y - y.mean()) / y.std()).reshape(-1, 1)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1 = torch.tensor(rng.normal(size=(10, 8)) / 3, requires_grad=True)
b1 = torch.tensor(np.zeros(8), requires_grad=True)
w2 = torch.tensor(rng.normal(size=(8, 1)) / 3, requires_grad=True)
b2 = torch.tensor(np.zeros(1), requires_grad=True)
# --8<-- [end:data]


# --8<-- [start:forward]
def forward():
    hidden = torch.tanh(x @ w1 + b1)
    prediction = hidden @ w2 + b2
    return ((prediction - y) ** 2).mean()


first_loss = forward().item()
print(f"Perte de départ : {first_loss:.6f}")
# --8<-- [end:forward]


# --8<-- [start:backward]
def gradients():
    # Chaque tenseur se souvient de l'opération qui l'a produit
    loss = forward()
    return torch.autograd.grad(loss, [w1, b1, w2, b2])


first_gradients = gradients()
for name, gradient in zip(["w1", "b1", "w2", "b2"], first_gradients):
    total = gradient.sum().item()
    print(name, tuple(gradient.shape), f"somme {total:+.6f}")
# --8<-- [end:backward]

# --8<-- [start:train]
for _ in range(200):
    for weight, gradient in zip([w1, b1, w2, b2], gradients()):
        with torch.no_grad():  # la correction, elle, ne se dérive pas
            weight -= 0.1 * gradient
last_loss = forward().item()
print(f"Perte après 200 pas : {last_loss:.6f}")
# --8<-- [end:train]

# --8<-- [start:check]
# Les nombres que trouvent aussi les deux autres scripts
assert np.isclose(first_loss, 1.096100, atol=1e-6)
assert np.isclose(first_gradients[0].sum(), 0.646839, atol=1e-6)
assert np.isclose(last_loss, 0.449570, atol=1e-6)
print("Tout est vrai.")
# --8<-- [end:check]
