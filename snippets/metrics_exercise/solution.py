# --8<-- [start:answer]
def balanced_accuracy(truth, answers):
    """Exactitude équilibrée : la moyenne des rappels de chaque classe.

    Les classes sont celles de `truth`, quel que soit leur nombre.
    """
    recalls = []
    for label in set(truth):
        found = [a == label for t, a in zip(truth, answers) if t == label]
        recalls.append(sum(found) / len(found))
    return sum(recalls) / len(recalls)


# --8<-- [end:answer]


# --8<-- [start:test]
truth = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
assert balanced_accuracy(truth, truth) == 1, "sans faute"
assert balanced_accuracy(truth, [0] * 10) == 0.5, "jamais d'alerte"
assert balanced_accuracy(truth, [1] * 10) == 0.5, "toujours alerte"
mixed = [1, 0, 0, 0, 0, 0, 0, 0, 1, 1]
assert balanced_accuracy(truth, mixed) == (0.5 + 0.75) / 2, (
    "un cas sur deux trouvé, six sur huit laissés en paix"
)
animals = ["chat", "chat", "chien", "lapin"]
assert balanced_accuracy(animals, ["chat"] * 4) == 1 / 3, "trois classes"
assert balanced_accuracy(animals, [*animals[:3], "loup"]) == 2 / 3, (
    "une réponse inconnue compte comme une faute, pas comme une classe"
)
# --8<-- [end:test]
