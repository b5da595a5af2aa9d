# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

# --8<-- [end:imports]

# --8<-- [start:load]
STEPS = 40

data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
# Compter l'IMC à partir de 20, sans le centrer : la vallée s'allonge
x = (bmi - 20) / bmi.std()
y = (data.target - data.target.mean()) / data.target.std()
inputs = np.stack([x, np.ones_like(x)], axis=1)


def gradient_of(theta):
    """Gradient de l'erreur quadratique en (w, b)."""
    return 2 * inputs.T @ (inputs @ theta - y) / len(y)


# --8<-- [end:load]


# --8<-- [start:rules]
def sgd(theta, gradient, state, step):
    return theta - 0.1 * gradient


def momentum(theta, gradient, state, step):
    # La vitesse garde 80 % d'elle-même
    state["v"] = 0.8 * state.get("v", 0) - 0.03 * gradient
    return theta + state["v"]


def rmsprop(theta, gradient, state, step):
    # Moyenne glissante des carrés : la taille habituelle du gradient
    state["s"] = 0.9 * state.get("s", 0) + 0.1 * gradient**2
    return theta - 0.03 * gradient / (np.sqrt(state["s"]) + 1e-7)


def adam(theta, gradient, state, step):
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * gradient
    state["s"] = 0.999 * state.get("s", 0) + 0.001 * gradient**2
    # Les moyennes partent de zéro : corriger ce retard
    mean = state["m"] / (1 - 0.9**step)
    square = state["s"] / (1 - 0.999**step)
    return theta - 0.1 * mean / (np.sqrt(square) + 1e-7)


# --8<-- [end:rules]

# --8<-- [start:run]
paths = {}
for name, rule in [
    ("SGD", sgd),
    ("élan", momentum),
    ("RMSprop", rmsprop),
    ("Adam", adam),
]:
    theta, state = np.zeros(2), {}
    path = [theta]
    for step in range(1, STEPS + 1):
        theta = rule(theta, gradient_of(theta), state, step)
        path.append(theta)
    paths[name] = np.array(path)
    print(f"{name:8} w {theta[0]:.3f} · b {theta[1]:.3f}")
best = np.polyfit(x, y, 1)
print(f"minimum  w {best[0]:.3f} · b {best[1]:.3f}")
# --8<-- [end:run]

# --8<-- [start:paths]
grid_w, grid_b = np.meshgrid(np.linspace(-0.6, 1, 80), np.linspace(-1.3, 0.5))
gaps = np.stack([grid_w - best[0], grid_b - best[1]], axis=-1)
# La perte au-dessus de son minimum est une forme quadratique
curvature = inputs.T @ inputs / len(y)
excess = np.einsum("...i,ij,...j->...", gaps, curvature, gaps)

figure, grid = plt.subplots(1, 4, figsize=(11, 3.2), sharey=True)
for axes, (name, path) in zip(grid, paths.items()):
    levels = [0.003, 0.02, 0.08, 0.2, 0.5, 1, 2, 4]
    axes.contour(grid_w, grid_b, excess, levels, colors="#8a93a3")
    axes.plot(*path.T, marker="o", markersize=2.5, color="#d9642a")
    axes.plot(*best, marker="*", markersize=11, color="#2f9e6e")
    axes.set(title=name, xlabel="w")
grid[0].set_ylabel("b")
plt.show()
# --8<-- [end:paths]

# --8<-- [start:check]
for name, path in paths.items():
    start, end = np.linalg.norm(path[[0, -1]] - best, axis=1)
    assert end < start / 2, f"{name} n'avance pas"
print("Tout est vrai.")
# --8<-- [end:check]
