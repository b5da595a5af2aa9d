# --8<-- [start:data]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
x = digits.data
print("Chiffres :", x.shape, "· 64 pixels de 0 à 16")
# --8<-- [end:data]

# --8<-- [start:fit]
# Centrer, puis trouver les directions où les images varient le plus
mean = x.mean(axis=0)
_, sizes, directions = np.linalg.svd(x - mean, full_matrices=False)
variance = sizes**2 / (sizes**2).sum()

kept = variance.cumsum()
kept_2 = kept[1]
n_for_90 = int(np.argmax(kept >= 0.9)) + 1
print(f"Avec  2 composantes : {kept_2:.1%} de la variance")
print(f"Pour en garder 90 % : {n_for_90} composantes sur 64")
# --8<-- [end:fit]

# --8<-- [start:map]
plane = (x - mean) @ directions[:2].T
figure, axes = plt.subplots(figsize=(7, 5))
for digit in range(10):
    chosen = digits.target == digit
    axes.scatter(*plane[chosen].T, s=8, color=plt.cm.tab10(digit))
    center = plane[chosen].mean(axis=0)
    axes.text(*center, digit, fontsize=18, fontweight="bold", ha="center")
axes.set(xlabel="première composante", ylabel="deuxième composante")
plt.show()
# --8<-- [end:map]

# --8<-- [start:rebuild]
figure, grid = plt.subplots(3, 4, figsize=(6, 4.6))
for row, image in zip(grid, x[[0, 4, 6]]):
    for axes, n in zip(row, [2, 8, n_for_90, 64]):
        # Résumer l'image en n nombres, puis la redessiner
        summary = (image - mean) @ directions[:n].T
        rebuilt = mean + summary @ directions[:n]
        axes.imshow(rebuilt.reshape(8, 8), cmap="gray")
        axes.set(title=f"{n} nombres", xticks=[], yticks=[])
figure.tight_layout()
plt.show()
# --8<-- [end:rebuild]

# --8<-- [start:check]
assert np.allclose(directions @ directions.T, np.eye(64)), "pas orthogonales"
assert np.allclose(rebuilt, x[6]), "64 composantes doivent tout redonner"
assert 0.2 < kept_2 < 0.4 and kept[-1] > 0.999
print("Tout est vrai.")
# --8<-- [end:check]
