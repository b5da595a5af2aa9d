# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_diabetes

x, y = load_diabetes(return_X_y=True, scaled=False)
x = (x - x.mean(axis=0)) / x.std(axis=0)
y = ((y - y.mean()) / y.std()).reshape(-1, 1)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1, b1 = rng.normal(size=(10, 8)) / 3, np.zeros(8)
w2, b2 = rng.normal(size=(8, 1)) / 3, np.zeros(1)
# --8<-- [end:data]


# --8<-- [start:forward]
def forward():
    hidden = np.tanh(x @ w1 + b1)
    prediction = hidden @ w2 + b2
    loss = ((prediction - y) ** 2).mean()
    return hidden, prediction, loss


first_loss = forward()[2]
print(f"Perte de départ : {first_loss:.6f}")
# --8<-- [end:forward]


# --8<-- [start:backward]
def gradients():
    hidden, prediction, _ = forward()
    # Remonter le calcul, de la perte vers les poids
    d_prediction = 2 * (prediction - y) / len(y)
    d_w2 = hidden.T @ d_prediction
    d_b2 = d_prediction.sum(axis=0)
    d_hidden = d_prediction @ w2.T
    d_sum = d_hidden * (1 - hidden**2)  # dérivée de tanh
    d_w1 = x.T @ d_sum
    d_b1 = d_sum.sum(axis=0)
    return d_w1, d_b1, d_w2, d_b2


first_gradients = gradients()
for name, gradient in zip(["w1", "b1", "w2", "b2"], first_gradients):
    print(name, gradient.shape, f"somme {gradient.sum():+.6f}")
# --8<-- [end:backward]

# --8<-- [start:train]
for _ in range(200):
    d_w1, d_b1, d_w2, d_b2 = gradients()
    w1 -= 0.1 * d_w1
    b1 -= 0.1 * d_b1
    w2 -= 0.1 * d_w2
    b2 -= 0.1 * d_b2
last_loss = forward()[2]
print(f"Perte après 200 pas : {last_loss:.6f}")
# --8<-- [end:train]

# --8<-- [start:check]
# Mesurer une pente de part et d'autre du point, sans aucune formule
h, start = 1e-5, w1[0, 0]
w1[0, 0] = start + h
higher = forward()[2]
w1[0, 0] = start - h
lower = forward()[2]
w1[0, 0] = start
max_gap = abs((higher - lower) / (2 * h) - gradients()[0][0, 0])
assert max_gap < 1e-7, "le gradient écrit à la main est faux"

# Les nombres que trouvent aussi les deux autres scripts
assert np.isclose(first_loss, 1.096100, atol=1e-6)
assert np.isclose(first_gradients[0].sum(), 0.646839, atol=1e-6)
assert np.isclose(last_loss, 0.449570, atol=1e-6)
print("Tout est vrai.")
# --8<-- [end:check]
