# --8<-- [start:answer]
def training_bytes(n_parameters, numbers_per_image, batch_size):
    """Octets d'un pas d'entraînement avec Adam, tout en 32 bits.

    On compte quatre nombres par paramètre (poids, gradient, deux
    moments) et `numbers_per_image` nombres par image du lot.
    """
    per_parameter = 4 * n_parameters
    return 4 * (per_parameter + numbers_per_image * batch_size)


def largest_batch(n_parameters, numbers_per_image, memory):
    """Plus grand lot dont l'entraînement tient dans `memory` octets."""
    left = memory - training_bytes(n_parameters, numbers_per_image, 0)
    return max(0, left // (4 * numbers_per_image))


# --8<-- [end:answer]


# --8<-- [start:test]
assert training_bytes(0, 10, 1) == 40, "dix nombres de quatre octets"
assert training_bytes(1, 0, 1) == 16, "quatre nombres pour un paramètre"
assert training_bytes(20_490, 50_000, 64) == 13_127_840, (
    "les images comptent 64 fois, le modèle une"
)

batch = largest_batch(20_490, 50_000, 13_127_840)
assert batch == 64, "le lot qui remplit exactement la mémoire"
assert largest_batch(20_490, 50_000, 13_127_839) == 63, "un octet de moins"
assert largest_batch(1_000_000, 10, 1_000) == 0, "le modèle seul déborde"
# --8<-- [end:test]
