# --8<-- [start:answer]
def precision_recall_f1(truth, alerts):
    """Précision, rappel et F1 de deux listes de 0 et de 1.

    Un dénominateur nul donne 0.
    """
    pairs = list(zip(truth, alerts))
    tp, fp, fn = pairs.count((1, 1)), pairs.count((0, 1)), pairs.count((1, 0))
    precision = tp / max(tp + fp, 1)
    recall = tp / max(tp + fn, 1)
    f1 = 2 * tp / max(2 * tp + fp + fn, 1)
    return precision, recall, f1


# --8<-- [end:answer]


# --8<-- [start:test]
truth = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
perfect, never = truth, [0] * 10
mixed = [1, 1, 1, 0, 1, 0, 0, 0, 0, 0]
assert precision_recall_f1(truth, perfect) == (1, 1, 1), "sans faute"
assert precision_recall_f1(truth, never) == (0, 0, 0), "jamais d'alerte"
assert precision_recall_f1(truth, mixed) == (0.75, 0.75, 0.75), (
    "un oubli, une fausse alerte"
)
assert precision_recall_f1(truth, [1] * 10)[:2] == (0.4, 1), "toujours alerte"
# --8<-- [end:test]
