# --8<-- [start:answer]
def neuron(inputs, weights, bias):
    """Neurone à seuil : 1 si la somme pondérée dépasse 0, sinon 0."""
    total = sum(w * value for w, value in zip(weights, inputs)) + bias
    return 1 if total > 0 else 0


def one_or_other(a, b):
    """Vaut 1 si une seule des deux entrées vaut 1.

    Deux neurones cachés (« au moins un », « les deux »), un de sortie.
    """
    at_least_one = neuron([a, b], [1, 1], -0.5)
    both = neuron([a, b], [1, 1], -1.5)
    return neuron([at_least_one, both], [1, -1], -0.5)


# --8<-- [end:answer]


# --8<-- [start:test]
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
# --8<-- [end:test]
