# --8<-- [start:answer]
def left_edges(side, first, last):
    """Bord gauche des vignettes qui tiennent de `first` à `last`.

    Les vignettes, larges de `side` pixels, se touchent sans se recouvrir ;
    la première commence en `first`, et `last` est le premier pixel interdit.
    """
    edges = []
    left = first
    while left + side <= last:
        edges.append(left)
        left += side
    return edges


# --8<-- [end:answer]


# --8<-- [start:test]
assert left_edges(32, 0, 64) == [0, 32], "deux vignettes exactement"
assert left_edges(32, 0, 70) == [0, 32], "une troisième déborderait"
assert left_edges(32, 320, 512) == [320, 352, 384, 416, 448, 480], (
    "de 320 à 512 : six vignettes, sans reste"
)
assert left_edges(32, 100, 120) == [], "zone trop étroite"
train, test = left_edges(30, 0, 200), left_edges(30, 200, 400)
assert max(train) + 30 <= min(test), "aucun pixel commun aux deux zones"
# --8<-- [end:test]
