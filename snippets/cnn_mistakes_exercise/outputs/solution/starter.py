import numpy as np


def sure_mistakes(probabilities, labels, count):
    """Numéros des `count` erreurs les plus sûres d'elles, dans l'ordre.

    `probabilities` a une ligne par image et une colonne par classe. S'il y
    a moins de `count` erreurs, les rendre toutes.
    """
    ...  # À vous de jouer




probabilities = np.array(
    [
        [0.9, 0.1, 0.0],  # juste
        [0.2, 0.7, 0.1],  # faux, plutôt sûr
        [0.4, 0.3, 0.3],  # faux, hésitant
        [0.0, 0.0, 1.0],  # faux, certain
        [0.1, 0.8, 0.1],  # juste
    ]
)
labels = np.array([0, 0, 2, 1, 1])
found = sure_mistakes(probabilities, labels, 2)
assert np.array_equal(found, [3, 1]), "la plus sûre d'abord"
found = sure_mistakes(probabilities, labels, 10)
assert np.array_equal(found, [3, 1, 2]), "pas plus que les erreurs"
perfect = sure_mistakes(probabilities, np.array([0, 1, 0, 2, 1]), 3)
assert len(perfect) == 0, "aucune erreur, aucun numéro"
