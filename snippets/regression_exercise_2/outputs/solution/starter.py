import numpy as np


def descend(x, y, learning_rate, n_steps):
    """Pente et ordonnée à l'origine après `n_steps` pas, partis de zéro."""
    ...  # À vous de jouer




x = np.linspace(-1, 1, 50)
y = 3 * x + 1

one_step = descend(x, y, learning_rate=0.1, n_steps=1)
assert one_step is not None, "la fonction doit rendre deux nombres"
assert np.allclose(one_step, (0.6 * (x**2).mean(), 0.2)), "un seul pas"
pair = descend(np.array([0.0, 2.0]), np.array([1.0, 7.0]), 0.1, n_steps=1)
assert np.allclose(pair, (1.4, 0.8)), "deux corrections, mêmes erreurs"

slope, intercept = descend(x, y, learning_rate=0.1, n_steps=500)
assert abs(slope - 3) < 1e-6, "pente attendue : 3"
assert abs(intercept - 1) < 1e-6, "ordonnée à l'origine attendue : 1"

too_far, _ = descend(x, y, learning_rate=4, n_steps=50)
assert abs(too_far) > 1e6, "avec un taux trop grand, la pente s'envole"
