# --8<-- [start:answer]
def rates_by_group(truth, answers, groups):
    """Pour chaque groupe : (part de réponses 1, part des vrais 1 retrouvés).

    Les trois listes ont la même longueur ; `truth` et `answers` ne
    contiennent que des 0 et des 1. Rend un dictionnaire.
    """
    rates = {}
    for group in sorted(set(groups)):
        rows = [i for i, g in enumerate(groups) if g == group]
        positives = [i for i in rows if truth[i] == 1]
        selected = sum(answers[i] for i in rows) / len(rows)
        found = sum(answers[i] for i in positives) / len(positives)
        rates[group] = (selected, found)
    return rates


# --8<-- [end:answer]


# --8<-- [start:test]
truth = [1, 1, 0, 0, 1, 1, 0, 0]
groups = ["a", "a", "a", "a", "b", "b", "b", "b"]
same = rates_by_group(truth, truth, groups)
assert same == {"a": (0.5, 1.0), "b": (0.5, 1.0)}, "un modèle parfait"

answers = [1, 1, 1, 0, 1, 0, 0, 0]
right = [answer == value for answer, value in zip(answers, truth)]
assert sum(right[:4]) == sum(right[4:]), "même exactitude des deux côtés"
unfair = rates_by_group(truth, answers, groups)
assert unfair == {"a": (0.75, 1.0), "b": (0.25, 0.5)}, "et pourtant"
# --8<-- [end:test]
