import numpy as np



def dice(truth, prediction, label):
    """Dice d'une classe ; 1 si elle n'est ni présente, ni prédite."""
    ...  # À vous de jouer


def iou(truth, prediction, label):
    """IoU d'une classe ; 1 si elle n'est ni présente, ni prédite."""
    ...  # À vous de jouer




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
