# --8<-- [start:answer]
def trainable_parameters(layers, n_frozen):
    """Nombre de paramètres entraînés si les n_frozen premières sont gelées.

    Chaque couche dense est un couple (nombre d'entrées, de sorties).
    """
    return sum(
        n_inputs * n_outputs + n_outputs
        for n_inputs, n_outputs in layers[n_frozen:]
    )


# --8<-- [end:answer]


# --8<-- [start:test]
layers = [(784, 128), (128, 32), (32, 5)]
assert trainable_parameters(layers, 2) == 165, "seule la tête s'entraîne"
assert trainable_parameters(layers, 1) == 4293, "les deux dernières couches"
assert trainable_parameters(layers, 0) == 104773, "rien n'est gelé"
assert trainable_parameters(layers, 3) == 0, "tout est gelé"
# --8<-- [end:test]
