# --8<-- [start:setup]
import numpy as np

# --8<-- [end:setup]


# --8<-- [start:answer]
def smallest_size(weights, bias, image):
    """Plus petit ε qui annule le score `weights @ image + bias`.

    Chaque pixel peut bouger de ε au plus, dans le sens que l'on veut.
    """
    score = weights @ image + bias
    return abs(score) / np.abs(weights).sum()


# --8<-- [end:answer]


# --8<-- [start:test]
few = smallest_size(np.array([1.0, -1.0]), 0.0, np.array([3.0, 1.0]))
assert few == 1, "(2, 2) : chaque pixel bouge de 1, score nul"
biased = smallest_size(np.array([2.0, 0.0]), -1.0, np.array([2.0, 5.0]))
assert np.isclose(biased, 1.5), "le second pixel ne compte pas"
many = smallest_size(np.full(784, 0.01), 0.0, np.full(784, 0.5))
assert np.isclose(many, 0.5), "le même poids partout"
mixed = np.where(np.arange(784) % 2, 0.01, -0.01)
tiny = smallest_size(mixed, 0.3, np.full(784, 0.5))
assert tiny < 0.04, "beaucoup de pixels : un très petit ε suffit"
# --8<-- [end:test]
