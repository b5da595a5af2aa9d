import numpy as np


class Dense:
    def __init__(self, n_inputs, n_outputs, rng):
        self.weight = rng.normal(size=(n_inputs, n_outputs)) / n_inputs

    def forward(self, x):
        self.x = x  # gardé pour le retour
        return x @ self.weight

    def backward(self, gradient):
        self.d_weight = self.x.T @ gradient
        return gradient @ self.weight.T


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, gradient):
        return gradient * (1 - self.out**2)




def forward(layers, x):
    """Sortie du réseau : chaque couche lit la sortie de la précédente."""
    ...  # À vous de jouer


def backward(layers, gradient):
    """Pente de la perte selon l'entrée, en remontant les couches."""
    ...  # À vous de jouer




rng = np.random.default_rng(0)
x = rng.normal(size=(4, 5))
layers = [Dense(5, 3, rng), Tanh(), Dense(3, 2, rng)]
out = forward(layers, x)
assert out is not None and out.shape == (4, 2), "quatre lignes, deux sorties"

# La perte est la somme des sorties : sa pente selon chacune vaut 1
slope = backward(layers, np.ones_like(out))
assert slope is not None and slope.shape == x.shape, "une pente par entrée"

# La même pente, mesurée en bougeant un seul nombre
h = 1e-6
moved = x.copy()
moved[2, 1] += h
measured = (forward(layers, moved).sum() - out.sum()) / h
assert abs(measured - slope[2, 1]) < 1e-4, "la pente ne correspond pas"
