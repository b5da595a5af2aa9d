def count_parameters(layer_sizes):
    """Nombre de poids et de biais d'un réseau dense, couches données."""
    ...  # À vous de jouer




assert count_parameters([3, 2]) == 8, "3 entrées, 2 sorties : 6 poids, 2 biais"
assert count_parameters([784, 10]) == 7850, "un réseau sans couche cachée"
assert count_parameters([784, 128, 10]) == 101770, "celui de la leçon"
