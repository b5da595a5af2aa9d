# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# --8<-- [end:imports]

# --8<-- [start:data]
wine = load_wine()
columns = ["flavanoids", "color_intensity"]
x = wine.data[:, [wine.feature_names.index(name) for name in columns]]
y = wine.target

# Cacher un tiers des bouteilles : elles ne serviront qu'à juger
x_train, x_test, y_train, y_test = train_test_split(
    x, y, test_size=1 / 3, stratify=y, random_state=0
)
n_train, n_test = len(x_train), len(x_test)
print(f"{n_train} vins pour apprendre, {n_test} pour juger")
print("Un exemple :", x_train[0], "→ cépage", y_train[0])
# --8<-- [end:data]

# --8<-- [start:classify]
# Répondre comme la majorité des cinq vins connus les plus proches
model = make_pipeline(StandardScaler(), KNeighborsClassifier(5))
model.fit(x_train, y_train)

predictions = model.predict(x_test)
accuracy = (predictions == y_test).mean()
majority = np.bincount(y_train).argmax()
baseline_accuracy = (y_test == majority).mean()
print(f"Toujours répondre {majority} : {baseline_accuracy:.1%}")
print(f"Cinq plus proches voisins : {accuracy:.1%}")
# --8<-- [end:classify]

# --8<-- [start:regions]
grid_x, grid_y = np.meshgrid(
    np.linspace(0, x[:, 0].max() + 0.3, 120),
    np.linspace(0, x[:, 1].max() + 0.5, 120),
)
regions = model.predict(np.c_[grid_x.ravel(), grid_y.ravel()])
colors = ["#3f7fd6", "#d9642a", "#2f9e6e"]

figure, axes = plt.subplots(figsize=(7, 4.2))
axes.contourf(
    grid_x,
    grid_y,
    regions.reshape(grid_x.shape),
    levels=[-0.5, 0.5, 1.5, 2.5],
    cmap=ListedColormap(colors),
    alpha=0.25,
)
for label, marker in enumerate("os^"):
    chosen = y_test == label
    axes.scatter(
        *x_test[chosen].T,
        color=colors[label],
        marker=marker,
        label=f"cépage {label}",
    )
axes.set(xlabel="flavonoïdes", ylabel="intensité de la couleur")
axes.legend()
plt.show()
# --8<-- [end:regions]

# --8<-- [start:check]
assert accuracy > baseline_accuracy + 0.2, "le modèle n'a rien appris"
assert set(predictions) == {0, 1, 2}, "un cépage n'est jamais proposé"
print("Tout est vrai.")
# --8<-- [end:check]
