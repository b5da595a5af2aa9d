# --8<-- [start:answer]
import numpy as np


def to_torch(kernel, height, width, channels):
    """Poids d'une couche dense de Keras, rangés pour PyTorch.

    La couche suit une mise à plat. Reçoit la forme
    (hauteur × largeur × canaux, sorties), rend la forme
    (sorties, canaux × hauteur × largeur).
    """
    grid = kernel.reshape(height, width, channels, -1)
    return grid.transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)


# --8<-- [end:answer]


# --8<-- [start:test]
generator = np.random.default_rng(0)
maps = generator.random((4, 3, 5))  # hauteur, largeur, canaux
kernel = generator.random((4 * 3 * 5, 10))
moved = to_torch(kernel, 4, 3, 5)

assert np.shape(moved) == (10, 60), "une ligne par sortie"
keras_scores = maps.reshape(-1) @ kernel
torch_scores = moved @ maps.transpose(2, 0, 1).reshape(-1)
assert np.allclose(keras_scores, torch_scores), "les scores doivent s'accorder"
assert not np.allclose(moved, kernel.T), "transposer ne suffit pas"
# --8<-- [end:test]
