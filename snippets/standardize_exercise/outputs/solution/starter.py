import numpy as np


def learn_scale(train):
    """Moyenne et écart-type de chaque colonne ; un écart nul devient 1."""
    ...  # À vous de jouer


def apply_scale(rows, mean, deviation):
    """Lignes centrées et réduites avec une échelle déjà apprise."""
    ...  # À vous de jouer




train = np.array([[1.0, 7.0], [3.0, 7.0], [5.0, 7.0]])
test = np.array([[3.0, 9.0], [100.0, 7.0]])
scale = learn_scale(train)
assert scale is not None, "learn_scale ne rend rien"
assert np.allclose(scale[0], [3, 7]), "la moyenne de chaque colonne"
assert scale[1][1] == 1, "une colonne constante se divise par 1, pas par 0"

scaled_train = apply_scale(train, *scale)
assert np.allclose(scaled_train.mean(axis=0), 0), "l'entraînement est centré"
assert np.isclose(scaled_train[:, 0].std(), 1), "l'entraînement est réduit"
scaled_test = apply_scale(test, *scale)
assert np.isclose(scaled_test[0, 0], 0), "3 est la moyenne d'entraînement"
assert scaled_test[1, 0] > 50, "une valeur rare du test reste rare"
