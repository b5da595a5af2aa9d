# --8<-- [start:answer]
def nearest(point, centers):
    """Position, dans la liste, du centre le plus proche du nombre."""
    distances = [abs(point - center) for center in centers]
    return distances.index(min(distances))


def one_step(points, centers):
    """Nouveaux centres après une affectation et un déplacement."""
    groups = [[] for _ in centers]
    for point in points:
        groups[nearest(point, centers)].append(point)
    return [sum(group) / len(group) for group in groups]


# --8<-- [end:answer]


# --8<-- [start:test]
points = [1, 2, 3, 8, 9, 13]

assert nearest(3, [1, 2]) == 1, "3 est plus près de 2 que de 1"
assert one_step(points, [1, 2]) == [1, 7], "première étape, faite à la main"
assert one_step(points, [1, 7]) == [2, 10], "deuxième étape"
assert one_step(points, [2, 10]) == [2, 10], "plus rien ne bouge : fini"
# --8<-- [end:test]
