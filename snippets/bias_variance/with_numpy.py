# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from numpy.polynomial import Polynomial

# Données synthétiques : une courbe connue, et du bruit autour
generator = np.random.default_rng(0)
x = np.linspace(0, 1, 15)
grid = np.linspace(0.02, 0.98, 97)


def truth(x):
    return np.sin(2 * np.pi * x)


# --8<-- [end:imports]


# --8<-- [start:fits]
def fit_many(degree, n_draws=200):
    """Courbes apprises sur 200 jeux qui ne diffèrent que par le bruit."""
    curves = []
    for _ in range(n_draws):
        y = truth(x) + generator.normal(0, 0.3, len(x))
        curves.append(Polynomial.fit(x, y, degree)(grid))
    return np.array(curves)


curves = {degree: fit_many(degree) for degree in range(1, 11)}

figure, panels = plt.subplots(1, 3, figsize=(9, 3.2), sharey=True)
for axes, degree in zip(panels, (1, 3, 10)):
    axes.plot(grid, curves[degree][:20].T, color="C0", alpha=0.25)
    axes.plot(grid, curves[degree].mean(axis=0), color="C0", linewidth=3)
    axes.plot(grid, truth(grid), "--", color="C1", linewidth=2)
    axes.set(title=f"degré {degree}", xlabel="x", ylim=(-2, 2))
plt.show()
# --8<-- [end:fits]

# --8<-- [start:split]
bias, variance, error = {}, {}, {}
print("degré  biais²  variance  erreur")
for degree, found in curves.items():
    bias[degree] = np.mean((found.mean(axis=0) - truth(grid)) ** 2)
    variance[degree] = np.mean(found.var(axis=0))
    error[degree] = np.mean((found - truth(grid)) ** 2)
    print(
        f"{degree:5} {bias[degree]:7.3f} {variance[degree]:9.3f}"
        f" {error[degree]:7.3f}"
    )
best_degree = min(error, key=error.get)
# --8<-- [end:split]

# --8<-- [start:check]
assert all(np.isclose(error[d], bias[d] + variance[d]) for d in curves)
assert bias[1] > 10 * bias[10], "une droite est trop raide pour la courbe"
assert variance[10] > 2 * variance[1], "le degré 10 suit le bruit"
assert 1 < best_degree < 10, "le meilleur compromis est entre les deux"
print("Tout est vrai.")
# --8<-- [end:check]
