# --8<-- [start:compare]
import matplotlib.pyplot as plt
import numpy as np
from skimage.data import astronaut

photo = astronaut()[::4, ::4]  # une ligne et une colonne sur quatre
print("Hauteur, largeur, canaux :", photo.shape)

# PyTorch veut les canaux en premier
moved = photo.transpose(2, 0, 1)
scrambled = photo.reshape(3, 128, 128)
print("transpose :", moved.shape, "· reshape :", scrambled.shape)
# --8<-- [end:compare]

# --8<-- [start:look]
figure, axes = plt.subplots(1, 2, figsize=(6, 3))
axes[0].imshow(moved[0], cmap="gray")
axes[0].set_title("transpose")
axes[1].imshow(scrambled[0], cmap="gray")
axes[1].set_title("reshape")
for panel in axes:
    panel.axis("off")
plt.show()
# --8<-- [end:look]

# --8<-- [start:check]
assert moved.shape == scrambled.shape, "la forme ne trahit rien"
assert np.array_equal(moved[0], photo[:, :, 0]), "le canal rouge, intact"
assert not np.array_equal(moved, scrambled), "le contenu a changé"
print("Tout est vrai.")
# --8<-- [end:check]
