# --8<-- [start:answer]
def broadcast_shape(first, second):
    """Forme obtenue en diffusant deux formes, ou None si c'est impossible.

    Les formes sont des tuples, par exemple (32, 28, 28) et (28,).
    """
    rank = max(len(first), len(second))
    # Compléter la forme la plus courte par des 1, à gauche
    first = (1,) * (rank - len(first)) + first
    second = (1,) * (rank - len(second)) + second
    result = []
    for a, b in zip(first, second):
        if a != b and 1 not in (a, b):
            return None
        result.append(b if a == 1 else a)
    return tuple(result)


# --8<-- [end:answer]


# --8<-- [start:test]
assert broadcast_shape((4, 3), (4, 3)) == (4, 3), "mêmes formes"
assert broadcast_shape((107, 160, 3), (3,)) == (107, 160, 3), (
    "alignées à droite"
)
assert broadcast_shape((3, 1), (3,)) == (3, 3), "le carré qui piège"
assert broadcast_shape((3, 107, 160), (3,)) is None, "160 et 3 s'opposent"
assert broadcast_shape((3, 107, 160), (3, 1, 1)) == (3, 107, 160), (
    "un 1 prend la taille d'en face"
)
assert broadcast_shape((), (2, 5)) == (2, 5), "un nombre seul"
# --8<-- [end:test]
