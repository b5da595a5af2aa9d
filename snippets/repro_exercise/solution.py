# --8<-- [start:answer]
import numpy as np


def shuffled_batches(n, batch_size, seed):
    """Liste de lots : les indices 0 à n-1 mélangés, rejouables par la graine.

    La fonction a son propre générateur : elle ignore le hasard des autres.
    """
    order = np.random.default_rng(seed).permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


# --8<-- [end:answer]


# --8<-- [start:test]
def flat(batches):
    return [int(i) for batch in batches or [] for i in batch]


first = shuffled_batches(10, 4, seed=1)
assert sorted(flat(first)) == list(range(10)), "chaque indice, une seule fois"
assert [len(batch) for batch in first] == [4, 4, 2], "dernier lot plus petit"
np.random.seed(0)  # le hasard d'un autre programme, à ne pas déranger
expected = np.random.random()
np.random.seed(0)
again = shuffled_batches(10, 4, seed=1)
assert np.random.random() == expected, "le hasard des autres a bougé"
assert flat(again) == flat(first), "à rejouer"
assert flat(shuffled_batches(10, 4, seed=2)) != flat(first), "autre graine"
# --8<-- [end:test]
