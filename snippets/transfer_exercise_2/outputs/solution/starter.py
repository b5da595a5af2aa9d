import numpy as np


def nearest_mean(features, labels, queries):
    """Classe de chaque requête : celle dont la moyenne est la plus proche.

    `features` (n, d) et `labels` (n,) sont les exemples étiquetés, `queries`
    (m, d) ce qu'il faut classer ; rend un tableau de m étiquettes.
    """
    ...  # À vous de jouer




# Trois classes, nommées 3, 5 et 8 ; deux exemples de chacune, inventés
features = np.array([[0, 0], [0, 2], [9, 0], [9, 2], [4, 9], [6, 9]])
labels = np.array([3, 3, 8, 8, 5, 5])
queries = np.array([[1, 1], [8, 1], [5, 7], [4.4, 1]])
found = nearest_mean(features, labels, queries)
assert found is not None, "la fonction doit rendre un tableau"
assert list(found) == [3, 8, 5, 3], "la moyenne la plus proche"

order = [5, 0, 3, 1, 4, 2]
mixed = nearest_mean(features[order], labels[order], queries)
assert list(mixed) == list(found), "l'ordre des exemples ne compte pas"

one = nearest_mean(np.array([[0.0], [9.0]]), np.array([1, 0]), np.eye(1))
assert list(one) == [1], "un exemple par classe suffit, étiquettes en désordre"

far = np.array([[0, 0], [0, 0], [0, 12], [5, 0]])
near = np.array([[0.0, 0.0], [2.0, 0.0]])
uneven = nearest_mean(far, np.array([0, 0, 0, 1]), near)
assert list(uneven) == [0, 1], "ni une somme, ni le plus proche exemple"
