# --8<-- [start:answer]
import random


def split_by_group(groups, test_share, seed):
    """Indices (entraînement, test), sans couper aucun groupe en deux."""
    names = sorted(set(groups))
    random.Random(seed).shuffle(names)
    test_names, wanted = set(), test_share * len(groups)
    for name in names:
        size = groups.count(name)
        if sum(groups.count(n) for n in test_names) + size <= wanted:
            test_names.add(name)
    train = [i for i, g in enumerate(groups) if g not in test_names]
    test = [i for i, g in enumerate(groups) if g in test_names]
    return train, test


# --8<-- [end:answer]


# --8<-- [start:test]
# Douze passagers, cinq billets : deux familles et trois voyageurs seuls
tickets = ["A"] * 4 + ["B"] * 5 + ["C", "D", "E"]
result = split_by_group(tickets, test_share=0.5, seed=0)
assert result is not None, "split_by_group ne rend rien"
train, test = result
assert sorted(train + test) == list(range(12)), "chaque indice une fois"
assert train and test, "les deux parts servent à quelque chose"
assert len(test) <= 6, "la part de test est dépassée"
shared = {tickets[i] for i in train} & {tickets[i] for i in test}
assert not shared, "un billet se trouve des deux côtés"
again = split_by_group(tickets, test_share=0.5, seed=0)
assert again == result, "même graine, même découpage"
others = [split_by_group(tickets, 0.5, seed) for seed in range(1, 20)]
assert any(other != result for other in others), "la graine ne sert pas"
# --8<-- [end:test]
