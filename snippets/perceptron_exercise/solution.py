# --8<-- [start:answer]
def answer(weights, bias, point):
    """Réponse du perceptron : 1 si la somme pondérée dépasse 0, sinon 0."""
    total = bias
    for weight, value in zip(weights, point):
        total += weight * value
    return 1 if total > 0 else 0


def correct(weights, bias, point, label):
    """Nouveaux poids et biais après un exemple.

    L'erreur vaut `label` moins la réponse. Chaque poids augmente de
    l'erreur multipliée par son entrée ; le biais, de l'erreur.
    """
    error = label - answer(weights, bias, point)
    moved = [w + error * value for w, value in zip(weights, point)]
    return moved, bias + error


# --8<-- [end:answer]


# --8<-- [start:test]
assert answer([2, -1], 0, [1, 1]) == 1, "2 - 1 dépasse 0"
assert answer([2, -1], -1, [1, 1]) == 0, "0 ne dépasse pas 0"
assert correct([2, -1], 0, [1, 1], 1) == ([2, -1], 0), "déjà juste"
assert correct([2, -1], 0, [1, 1], 0) == ([1, -2], -1), "à corriger"

both = [([0, 0], 0), ([0, 1], 0), ([1, 0], 0), ([1, 1], 1)]
weights, bias = [0, 0], 0
for _ in range(20):
    for point, label in both:
        weights, bias = correct(weights, bias, point, label)
learned = [answer(weights, bias, point) for point, _ in both]
assert learned == [0, 0, 0, 1], "il a appris « l'un et l'autre »"
# --8<-- [end:test]
