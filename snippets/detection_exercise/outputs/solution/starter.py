def iou(a, b):
    """IoU de deux boîtes (gauche, haut, droite, bas)."""
    ...  # À vous de jouer




assert iou((0, 0, 4, 4), (0, 0, 4, 4)) == 1, "une boîte et elle-même"
assert iou((0, 0, 4, 4), (2, 0, 6, 4)) == 8 / 24, "décalées de moitié"
assert iou((0, 0, 4, 4), (1, 1, 3, 3)) == 4 / 16, "l'une dans l'autre"
assert iou((0, 0, 4, 4), (4, 0, 8, 4)) == 0, "côte à côte"
assert iou((0, 0, 2, 2), (5, 5, 9, 9)) == 0, "loin dans les deux sens"
print("IoU juste.")
