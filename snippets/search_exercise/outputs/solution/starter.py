import math


def sample_log(low, high, u):
    """Valeur entre low et high, à la fraction u (0 à 1) du chemin en log."""
    ...  # À vous de jouer




def close(a, b):
    return a is not None and math.isclose(a, b)


assert close(sample_log(0.001, 1.0, 0), 0.001), "u = 0 donne la borne basse"
assert close(sample_log(0.001, 1.0, 1), 1.0), "u = 1 donne la borne haute"
assert close(sample_log(0.01, 1.0, 0.5), 0.1), "au milieu de deux décades"
assert close(sample_log(4, 64, 0.5), 16), "au milieu de 4 et 64"
