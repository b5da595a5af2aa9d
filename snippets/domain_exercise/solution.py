# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_digits

# --8<-- [end:imports]


# --8<-- [start:answer]
def nearest_distance(image, known):
    """Distance euclidienne de l'image à la plus proche des images connues.

    `image` a la forme (n,), `known` la forme (m, n).
    """
    return np.sqrt(((known - image) ** 2).sum(axis=1)).min()


def is_stranger(image, known, limit):
    """Vrai si aucune image connue n'est à `limit` ou moins."""
    return bool(nearest_distance(image, known) > limit)


# --8<-- [end:answer]


# --8<-- [start:test]
points = np.array([[0.0, 0.0], [1.0, 0.0]])
assert nearest_distance(np.array([1.0, 2.0]), points) == 2, (
    "le plus proche est à 2"
)
assert is_stranger(np.array([1.0, 2.0]), points, 1.5), (
    "à 2, donc hors de la limite de 1,5"
)
assert not is_stranger(np.array([1.0, 2.0]), points, 2.5), (
    "à 2, donc dans la limite de 2,5"
)

x = load_digits().data / 16
known, tuning, fresh = x[:1000], x[1000:1400], x[1400:]
distances = [nearest_distance(image, known) for image in tuning]
limit = np.quantile(distances, 0.99)
noise = np.random.default_rng(0).random((200, 64))
kept = np.mean([not is_stranger(image, known, limit) for image in fresh])
refused = np.mean([is_stranger(image, known, limit) for image in noise])
assert kept > 0.9, "presque tous les nouveaux chiffres passent"
assert refused > 0.95, "le bruit est arrêté"
# --8<-- [end:test]
