def broadcast_shape(first, second):
    """Forme obtenue en diffusant deux formes, ou None si c'est impossible.

    Les formes sont des tuples, par exemple (32, 28, 28) et (28,).
    """
    ...  # À vous de jouer




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
