def make_folds(n, k):
    """Liste de k couples (indices d'entraînement, indices de validation).

    Les indices 0 à n-1 se suivent ; les premiers plis sont plus grands
    d'une unité quand k ne divise pas n.
    """
    ...  # À vous de jouer




folds = make_folds(7, 3) or []
assert [val for _, val in folds] == [[0, 1, 2], [3, 4], [5, 6]], (
    "trois exemples, puis deux, puis deux"
)
assert folds[1][0] == [0, 1, 2, 5, 6], "le reste sert à apprendre"
for train, val in make_folds(10, 4):
    assert sorted(train + val) == list(range(10)), (
        "rien d'oublié, ni deux fois"
    )
