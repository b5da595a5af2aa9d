# --8<-- [start:imports]
import numpy as np

# --8<-- [end:imports]


# --8<-- [start:answer]
def dice(truth, prediction, label):
    """Dice d'une classe ; 1 si elle n'est ni présente, ni prédite."""
    real, found = truth == label, prediction == label
    total = real.sum() + found.sum()
    return 2 * (real & found).sum() / total if total > 0 else 1.0


def iou(truth, prediction, label):
    """IoU d'une classe ; 1 si elle n'est ni présente, ni prédite."""
    real, found = truth == label, prediction == label
    union = (real | found).sum()
    return (real & found).sum() / union if union > 0 else 1.0


# --8<-- [end:answer]


# --8<-- [start:test]
truth = np.array([[0, 0, 1], [0, 1, 1], [2, 2, 1]])
answer = np.array([[0, 0, 0], [0, 1, 1], [2, 1, 1]])
assert dice(truth, truth, 1) == 1, "la vérité elle-même"
assert dice(truth, answer, 1) == 2 * 3 / (4 + 4), "classe 1"
assert iou(truth, answer, 1) == 3 / 5, "classe 1"
assert dice(truth, answer, 2) == 2 * 1 / (2 + 1), "classe 2"
assert iou(truth, answer, 2) == 1 / 2, "classe 2"
assert dice(truth, np.zeros_like(truth), 1) == 0, "tout en fond"
assert dice(truth, answer, 7) == iou(truth, answer, 7) == 1, "absente"
print("Dice et IoU justes.")
# --8<-- [end:test]
