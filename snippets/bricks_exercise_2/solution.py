# --8<-- [start:answer]
import numpy as np


def fold(kernels, biases, gamma, beta, mean, variance, epsilon):
    """Noyaux et biais d'une convolution qui normalise déjà ses cartes.

    `kernels` a la forme (noyaux, canaux, h, l) ; les autres, une valeur
    par noyau.
    """
    factor = gamma / np.sqrt(variance + epsilon)
    new_kernels = kernels * factor[:, None, None, None]
    new_biases = (biases - mean) * factor + beta
    return new_kernels, new_biases


# --8<-- [end:answer]


# --8<-- [start:test]
generator = np.random.default_rng(0)
windows = generator.normal(size=(50, 3, 3, 3))  # cinquante fenêtres
kernels = generator.normal(size=(4, 3, 3, 3))
biases, gamma, beta, mean = generator.normal(size=(4, 4))
variance = generator.uniform(0.5, 2, size=4)


def convolve(kernels, biases):
    return np.einsum("nchw,kchw->nk", windows, kernels) + biases


two_steps = (convolve(kernels, biases) - mean) / np.sqrt(variance + 1e-3)
two_steps = gamma * two_steps + beta

folded = fold(kernels, biases, gamma, beta, mean, variance, 1e-3)
assert folded is not None, "la fonction doit rendre noyaux et biais"
new_kernels, new_biases = folded
assert new_kernels.shape == kernels.shape, "la forme ne change pas"
one_step = convolve(new_kernels, new_biases)
assert np.allclose(one_step, two_steps), "mêmes nombres, une couche de moins"
# --8<-- [end:test]
