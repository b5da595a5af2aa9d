def neuron(inputs, weights, bias):
    """Neurone à seuil : 1 si la somme pondérée dépasse 0, sinon 0."""
    ...  # À vous de jouer


def one_or_other(a, b):
    """Vaut 1 si une seule des deux entrées vaut 1.

    Deux neurones cachés (« au moins un », « les deux »), un de sortie.
    """
    ...  # À vous de jouer




cases = [(0, 0), (0, 1), (1, 0), (1, 1)]
assert neuron([1, 0], [2, 5], -1) == 1, "2 - 1 dépasse 0"
assert neuron([1, 0], [1, 5], -1) == 0, "0 ne dépasse pas 0"
assert [one_or_other(a, b) for a, b in cases] == [0, 1, 1, 0], (
    "1 quand une seule entrée vaut 1"
)

grid = [step / 2 for step in range(-6, 7)]
alone = [
    [neuron(case, [w1, w2], bias) for case in cases]
    for w1 in grid
    for w2 in grid
    for bias in grid
]
assert [0, 0, 0, 1] in alone, "un neurone sait dire « les deux »"
assert [0, 1, 1, 0] not in alone, "aucun ne sait dire « un seul »"
