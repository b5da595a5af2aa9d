import numpy as np


def mean_squared_error(predictions, targets):
    """Moyenne des carrés des écarts, une prédiction par cible.

    Accepte (n,) et (n, 1), dans tous les mélanges ; lève `ValueError` si
    les nombres de valeurs diffèrent. Version à réparer, silencieuse :

    `return ((predictions - targets) ** 2).mean()`
    """
    ...  # À vous de jouer



targets = np.array([1.0, 2.0, 3.0])
column = targets.reshape(-1, 1)
assert mean_squared_error(targets, targets) == 0, "deux listes égales"
assert mean_squared_error(column, targets) == 0, "colonne contre liste"
assert mean_squared_error(column + 2, targets) == 4, "écart de 2 partout"
refused = False
try:
    mean_squared_error(np.zeros(1), targets)
except ValueError:
    refused = True
assert refused, "une prédiction pour trois cibles doit être refusée"
