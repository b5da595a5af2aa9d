# --8<-- [start:answer]
import numpy as np


def max_pool(grid, size, stride):
    """Maximum de chaque carré de `size` cases, pris tous les `stride` pas."""
    n_rows = (grid.shape[0] - size) // stride + 1
    n_columns = (grid.shape[1] - size) // stride + 1
    result = np.zeros((n_rows, n_columns))
    for row in range(n_rows):
        for column in range(n_columns):
            top, left = row * stride, column * stride
            window = grid[top : top + size, left : left + size]
            result[row, column] = window.max()
    return result


# --8<-- [end:answer]


# --8<-- [start:test]
grid = np.array([[1, 3, 0, 2], [4, 2, 1, 1], [0, 0, 5, 6], [1, 2, 7, 2]])
found = max_pool(grid, size=2, stride=2)
assert found is not None, "la fonction doit rendre une grille"
assert found.tolist() == [[4, 2], [2, 7]], "la grille de la leçon"

overlap = max_pool(grid, size=2, stride=1)
assert overlap.tolist() == [[4, 3, 2], [4, 5, 6], [2, 7, 7]], "pas de 1"

wide = max_pool(np.arange(35).reshape(5, 7), size=3, stride=2)
assert wide.tolist() == [[16, 18, 20], [30, 32, 34]], "carrés de 3, pas de 2"

negative = max_pool(np.array([[-5, -3], [-4, -9]]), size=2, stride=2)
assert negative.tolist() == [[-3]], "le maximum peut être négatif"
# --8<-- [end:test]
