# --8<-- [start:answer]
def count_parameters(layer_sizes):
    """Nombre de poids et de biais d'un réseau dense, couches données."""
    total = 0
    for n_inputs, n_outputs in zip(layer_sizes, layer_sizes[1:]):
        total += n_inputs * n_outputs + n_outputs
    return total


# --8<-- [end:answer]


# --8<-- [start:test]
assert count_parameters([3, 2]) == 8, "3 entrées, 2 sorties : 6 poids, 2 biais"
assert count_parameters([784, 10]) == 7850, "un réseau sans couche cachée"
assert count_parameters([784, 128, 10]) == 101770, "celui de la leçon"
# --8<-- [end:test]
