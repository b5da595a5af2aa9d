import numpy as np



def numerical_gradient(function, theta, nudge=1e-5):
    """Gradient mesuré : la pente de `function` selon chaque coordonnée.

    `theta` est un tableau à une dimension ; il ne doit pas être modifié.
    """
    ...  # À vous de jouer




def squared_error(theta):
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0])
    return np.mean((theta[0] * x + theta[1] - y) ** 2)


theta = np.array([0.0, 0.0])
gradient = numerical_gradient(squared_error, theta)
assert isinstance(gradient, np.ndarray), "rendre un tableau NumPy"
# À la main : les écarts valent -1, -3 et -5
assert np.allclose(gradient, [-26 / 3, -6]), "2 × moyenne(écart × x), …"
assert np.array_equal(theta, [0, 0]), "le tableau reçu a été modifié"
minimum = numerical_gradient(squared_error, np.array([2.0, 1.0]))
assert np.allclose(minimum, 0, atol=1e-6), "au minimum, la pente est nulle"
