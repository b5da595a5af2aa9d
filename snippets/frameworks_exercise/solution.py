# --8<-- [start:data]
import numpy as np

x = np.array([0.0, 1.0, 2.0, 3.0])
y = np.array([1.0, 3.0, 5.0, 7.0])


def loss(slope, bias):
    """Erreur quadratique moyenne de la droite `slope * x + bias`."""
    return ((slope * x + bias - y) ** 2).mean()


# --8<-- [end:data]


# --8<-- [start:answer]
def gradient(slope, bias):
    """Dérivées de la perte : selon `slope`, puis selon `bias`."""
    error = slope * x + bias - y
    return 2 * (error * x).mean(), 2 * error.mean()


# --8<-- [end:answer]


# --8<-- [start:test]
# Une dérivée est une pente : la mesurer de part et d'autre du point
h = 1e-5
for slope, bias in [(0.0, 0.0), (1.0, -2.0), (3.5, 0.25)]:
    d_slope, d_bias = gradient(slope, bias) or (None, None)
    by_slope = (loss(slope + h, bias) - loss(slope - h, bias)) / (2 * h)
    by_bias = (loss(slope, bias + h) - loss(slope, bias - h)) / (2 * h)
    assert d_slope is not None, "la fonction ne rend rien"
    assert abs(d_slope - by_slope) < 1e-6, "dérivée selon la pente"
    assert abs(d_bias - by_bias) < 1e-6, "dérivée selon la hauteur"

assert gradient(2.0, 1.0) == (0, 0), "droite parfaite : gradient nul"
# --8<-- [end:test]
