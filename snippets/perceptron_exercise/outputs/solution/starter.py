def answer(weights, bias, point):
    """Réponse du perceptron : 1 si la somme pondérée dépasse 0, sinon 0."""
    ...  # À vous de jouer


def correct(weights, bias, point, label):
    """Nouveaux poids et biais après un exemple.

    L'erreur vaut `label` moins la réponse. Chaque poids augmente de
    l'erreur multipliée par son entrée ; le biais, de l'erreur.
    """
    ...  # À vous de jouer




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
