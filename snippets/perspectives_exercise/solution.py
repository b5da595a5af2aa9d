# --8<-- [start:answer]
def gradient_through(slopes, shortcut):
    """Facteur que subit un gradient en traversant une pile de couches.

    `slopes` : pente de chaque couche ; avec raccourci, une couche ajoute sa
    sortie à son entrée, et sa pente devient 1 + pente.
    """
    factor = 1.0
    for slope in slopes:
        factor *= 1 + slope if shortcut else slope
    return factor


# --8<-- [end:answer]


# --8<-- [start:test]
def close(a, b):
    return abs(a - b) < 1e-9 * max(abs(a), abs(b))


assert gradient_through([], shortcut=False) == 1, "aucune couche, rien"
assert close(gradient_through([0.5, 0.5], shortcut=False), 0.25), (
    "sans raccourci : 0,5 × 0,5"
)
assert close(gradient_through([0.5, 0.5], shortcut=True), 2.25), (
    "avec raccourci : 1,5 × 1,5"
)
assert close(gradient_through([0.5] * 20, shortcut=False), 0.5**20), (
    "divisé par deux à chaque couche"
)
assert gradient_through([0.0] * 20, shortcut=True) == 1, "il passe intact"
# --8<-- [end:test]
