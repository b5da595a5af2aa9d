# --8<-- [start:data]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA

wine = load_wine()
x_raw = wine.data
# Donner le même poids aux treize mesures : moyenne 0, écart-type 1
x = (x_raw - x_raw.mean(axis=0)) / x_raw.std(axis=0)
print("Données :", x.shape, "· aucune réponse fournie")
# --8<-- [end:data]


# --8<-- [start:algorithm]
def assign(points, centers):
    """Numéro du centre le plus proche de chaque point."""
    distances = ((points[:, None] - centers) ** 2).sum(axis=2)
    return distances.argmin(axis=1)


def move(points, labels, k):
    """Milieu de chaque groupe."""
    return np.array([points[labels == j].mean(axis=0) for j in range(k)])


# --8<-- [end:algorithm]

# --8<-- [start:cluster]
# Partir de trois vins pris au hasard
rng = np.random.default_rng(3)
centers = x[rng.choice(len(x), 3, replace=False)]
history = [(centers, assign(x, centers))]
while True:
    labels = assign(x, centers)
    new_centers = move(x, labels, 3)
    history.append((new_centers, assign(x, new_centers)))
    if np.allclose(new_centers, centers):
        break
    centers = new_centers
n_steps = len(history) - 2
print(f"Plus rien ne bouge après {n_steps} étapes")
print("Taille des groupes :", np.bincount(labels))
# --8<-- [end:cluster]

# --8<-- [start:steps]
# Aplatir les treize mesures en deux, seulement pour le dessin
flatten = PCA(2).fit(x)
points = flatten.transform(x)
colors = np.array(["#3f7fd6", "#d9642a", "#2f9e6e"])
figure, grid = plt.subplots(2, 2, figsize=(7.5, 6))
shown = [0, 1, 2, len(history) - 1]
for axes, step in zip(grid.flat, shown):
    step_centers, step_labels = history[step]
    axes.scatter(*points.T, c=colors[step_labels], s=10)
    axes.scatter(
        *flatten.transform(step_centers).T,
        c=colors,
        marker="X",
        s=160,
        edgecolors=plt.rcParams["text.color"],
    )
    axes.set(title="fin" if step == shown[-1] else f"étape {step}")
    axes.set(xticks=[], yticks=[])
plt.show()
# --8<-- [end:steps]


# --8<-- [start:compare]
# Après coup seulement : les groupes retrouvent-ils les cépages ?
def agreement(groups):
    """Part des vins dont le cépage est majoritaire dans leur groupe."""
    counts = [np.bincount(wine.target[groups == j]).max() for j in range(3)]
    return sum(counts) / len(groups)


reference = KMeans(3, n_init=10, random_state=0)
scaled_agreement = agreement(reference.fit_predict(x))
raw_agreement = agreement(reference.fit_predict(x_raw))
print(f"Notre code, mesures normalisées   : {agreement(labels):.1%}")
print(f"scikit-learn, mesures normalisées : {scaled_agreement:.1%}")
print(f"scikit-learn, mesures brutes      : {raw_agreement:.1%}")
# --8<-- [end:compare]

# --8<-- [start:check]
assert abs(agreement(labels) - scaled_agreement) < 0.05, "autre solution"
assert scaled_agreement > raw_agreement + 0.1, "normaliser ne sert à rien ?"
print("Tout est vrai.")
# --8<-- [end:check]
