def describe(size, channels, layers):
    """Côté de la carte, canaux, et nombre de paramètres appris.

    Une couche de `layers` est `("conv", noyaux, côté)` ou `("pool", côté)`.
    Chaque convolution est sans bord ajouté, de pas 1, sans biais, et suivie
    d'une normalisation par lots. Un pooling avance de son côté, et ne garde
    que les fenêtres entières.
    """
    ...  # À vous de jouer




assert describe(28, 1, []) == (28, 1, 0), "aucune couche"
assert describe(28, 1, [("conv", 16, 5)]) == (24, 16, 432), "400 + 32"
assert describe(11, 32, [("pool", 2)]) == (5, 32, 0), "une ligne est perdue"
lesson = [("conv", 16, 5), ("pool", 2), ("conv", 32, 5), ("pool", 2)]
assert describe(28, 1, lesson) == (4, 32, 13296), "le réseau de la leçon"
assert describe(32, 3, [("conv", 8, 3)]) == (30, 8, 232), "image en couleurs"
