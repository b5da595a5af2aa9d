# --8<-- [start:answer]
from collections import Counter


def worst_confusions(truth, answers, count):
    """Les `count` confusions les plus fréquentes, de la pire à la moindre.

    Rend une liste de triplets (vrai, répondu, nombre). À égalité, le plus
    petit vrai chiffre d'abord, puis la plus petite réponse.
    """
    pairs = zip(truth, answers)
    found = Counter((t, a) for t, a in pairs if t != a)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(*pair, number) for pair, number in ranked[:count]]


# --8<-- [end:answer]


# --8<-- [start:test]
truth = [4, 4, 4, 9, 9, 7, 7, 7, 3, 3, 3]
answers = [9, 9, 4, 4, 9, 2, 2, 1, 3, 8, 5]
expected = [(4, 9, 2), (7, 2, 2), (3, 5, 1), (3, 8, 1), (7, 1, 1), (9, 4, 1)]
assert worst_confusions(truth, answers, 6) == expected, (
    "4 lu 9 n'est pas 9 lu 4 ; à égalité, les plus petits d'abord"
)
assert worst_confusions(truth, answers, 1) == [(4, 9, 2)], "une seule"
assert worst_confusions(truth, answers, 99) == expected, "pas davantage"
assert worst_confusions(truth, truth, 3) == [], "sans faute, rien à montrer"
# --8<-- [end:test]
