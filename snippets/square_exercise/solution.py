# --8<-- [start:answer]
def central_square(height, width):
    """Bords (haut, gauche, bas, droite) du plus grand carré centré."""
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return top, left, top + side, left + side


# --8<-- [end:answer]


# --8<-- [start:test]
assert central_square(4, 4) == (0, 0, 4, 4), "déjà carrée : rien à couper"
assert central_square(400, 600) == (0, 100, 400, 500), "photo couchée"
assert central_square(600, 400) == (100, 0, 500, 400), "photo debout"
top, left, bottom, right = central_square(300, 451)
assert bottom - top == right - left == 300, "un carré, même au pixel impair"
# --8<-- [end:test]
