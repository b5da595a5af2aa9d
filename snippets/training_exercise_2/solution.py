# --8<-- [start:imports]
import math

from sklearn.metrics import f1_score, precision_score, recall_score

# --8<-- [end:imports]


# --8<-- [start:answer]
def scores(truth, answers):
    """Précision, rappel et F1 de deux listes de 0 et de 1.

    Un quotient dont le dénominateur est nul vaut 0 par convention.
    """
    pairs = list(zip(truth, answers))
    tp, fp, fn = pairs.count((1, 1)), pairs.count((0, 1)), pairs.count((1, 0))
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0
    return precision, recall, f1


# --8<-- [end:answer]


# --8<-- [start:test]
truth = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
answers = [1, 1, 1, 0, 1, 0, 0, 0, 0, 0]
assert scores(truth, answers) == (3 / 4, 3 / 4, 3 / 4), (
    "un oubli, une fausse alerte"
)
assert scores(truth, [0] * 10) == (0, 0, 0), "aucune alerte"
assert scores([0, 0], [0, 0]) == (0, 0, 0), "rien à trouver"


def close(found, wanted):
    return found is not None and all(map(math.isclose, found, wanted))


# Toujours alerter : rappel parfait, précision égale à la fréquence
assert close(scores(truth, [1] * 10), (0.4, 1, 4 / 7)), (
    "aucun oubli, six fausses alertes"
)
expected = [
    metric(truth, answers)
    for metric in (precision_score, recall_score, f1_score)
]
assert close(scores(truth, answers), expected), "comme scikit-learn"
# --8<-- [end:test]
