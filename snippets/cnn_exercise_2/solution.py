# --8<-- [start:answer]
import numpy as np


def shift(image, rows, columns):
    """Image décalée vers le bas et la droite ; les cases vides valent 0.

    Un nombre négatif décale vers le haut ou vers la gauche.
    """
    height, width = image.shape
    moved = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            source, target = row - rows, column - columns
            if 0 <= source < height and 0 <= target < width:
                moved[row, column] = image[source, target]
    return moved


# --8<-- [end:answer]


# --8<-- [start:test]
small = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
right = shift(small, 0, 1)
assert right is not None, "la fonction doit rendre une image"
assert right.tolist() == [[0, 1, 2], [0, 4, 5], [0, 7, 8]], "vers la droite"
up = shift(small, -1, 0)
assert up.tolist() == [[4, 5, 6], [7, 8, 9], [0, 0, 0]], "vers le haut"
assert shift(small, 2, -2).tolist() == [[0, 0, 0], [0, 0, 0], [3, 0, 0]], (
    "vers le bas et la gauche"
)


def blur(image):
    """Moyenne de chaque case et de ses huit voisines."""
    padded = np.pad(image, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return windows.mean(axis=(2, 3))


# Équivariance : décaler puis flouter, ou flouter puis décaler
dot = np.zeros((9, 9))
dot[3:5, 3] = 1
assert np.allclose(blur(shift(dot, 2, 1)), shift(blur(dot), 2, 1)), (
    "décaler avant ou après le flou revient au même"
)
# --8<-- [end:test]
