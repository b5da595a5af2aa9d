# --8<-- [start:answer]
def iou(a, b):
    """IoU de deux boîtes (gauche, haut, droite, bas)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return common / (area_a + area_b - common)


# --8<-- [end:answer]


# --8<-- [start:test]
assert iou((0, 0, 4, 4), (0, 0, 4, 4)) == 1, "une boîte et elle-même"
assert iou((0, 0, 4, 4), (2, 0, 6, 4)) == 8 / 24, "décalées de moitié"
assert iou((0, 0, 4, 4), (1, 1, 3, 3)) == 4 / 16, "l'une dans l'autre"
assert iou((0, 0, 4, 4), (4, 0, 8, 4)) == 0, "côte à côte"
assert iou((0, 0, 2, 2), (5, 5, 9, 9)) == 0, "loin dans les deux sens"
print("IoU juste.")
# --8<-- [end:test]
