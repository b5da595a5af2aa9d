def nearest(point, centers):
    """Position, dans la liste, du centre le plus proche du nombre."""
    ...  # À vous de jouer


def one_step(points, centers):
    """Nouveaux centres après une affectation et un déplacement."""
    ...  # À vous de jouer




points = [1, 2, 3, 8, 9, 13]

assert nearest(3, [1, 2]) == 1, "3 est plus près de 2 que de 1"
assert one_step(points, [1, 2]) == [1, 7], "première étape, faite à la main"
assert one_step(points, [1, 7]) == [2, 10], "deuxième étape"
assert one_step(points, [2, 10]) == [2, 10], "plus rien ne bouge : fini"
