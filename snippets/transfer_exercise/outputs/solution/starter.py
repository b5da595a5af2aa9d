def trainable_parameters(layers, n_frozen):
    """Nombre de paramètres entraînés si les n_frozen premières sont gelées.

    Chaque couche dense est un couple (nombre d'entrées, de sorties).
    """
    ...  # À vous de jouer




layers = [(784, 128), (128, 32), (32, 5)]
assert trainable_parameters(layers, 2) == 165, "seule la tête s'entraîne"
assert trainable_parameters(layers, 1) == 4293, "les deux dernières couches"
assert trainable_parameters(layers, 0) == 104773, "rien n'est gelé"
assert trainable_parameters(layers, 3) == 0, "tout est gelé"
