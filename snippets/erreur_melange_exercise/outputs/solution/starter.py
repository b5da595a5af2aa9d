import numpy as np


def shuffle_together(x, y, seed):
    """Rend x et y mélangés du même tirage, sans changer les originaux.

    Version à réparer, qui sépare chaque exemple de son étiquette :

    `generator = np.random.default_rng(seed)`
    `return generator.permutation(x), generator.permutation(y)`
    """
    ...  # À vous de jouer



x = np.arange(100).reshape(50, 2)
y = x.sum(axis=1)
result = shuffle_together(x, y, seed=0)
assert result is not None, "la fonction ne rend rien"
new_x, new_y = result
assert (new_x.sum(axis=1) == new_y).all(), "une étiquette s'est perdue"
assert (new_y != y).any(), "rien n'est mélangé"
assert (np.sort(new_y) == y).all(), "chaque exemple une fois"
assert (y == x.sum(axis=1)).all(), "les originaux ne changent pas"
