import numpy as np


def shuffled_batches(n, batch_size, seed):
    """Liste de lots : les indices 0 à n-1 mélangés, rejouables par la graine.

    La fonction a son propre générateur : elle ignore le hasard des autres.
    """
    ...  # À vous de jouer




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
