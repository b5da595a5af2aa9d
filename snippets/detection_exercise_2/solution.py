# --8<-- [start:overlap]
def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return common / (area_a + area_b - common)


# --8<-- [end:overlap]


# --8<-- [start:answer]
def nms(boxes, scores, max_iou):
    """Rangs des boîtes gardées, de la plus sûre à la moins sûre."""
    kept = []
    for rank in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(iou(boxes[rank], boxes[k]) <= max_iou for k in kept):
            kept.append(rank)
    return kept


# --8<-- [end:answer]


# --8<-- [start:test]
boxes = [(0, 0, 4, 4), (1, 0, 5, 4), (2, 0, 6, 4), (20, 20, 24, 24)]
assert nms(boxes[:1], [0.9], 0.5) == [0], "une boîte seule reste"
assert nms(boxes, [0.9, 0.8, 0.7, 0.6], 0.3) == [0, 3], "un seul par objet"
assert nms(boxes, [0.6, 0.7, 0.8, 0.9], 0.3) == [3, 2], "la plus sûre d'abord"
# La boîte 1 est écartée par la 0 ; elle ne peut plus écarter la 2
assert nms(boxes, [0.9, 0.8, 0.7, 0.6], 0.5) == [0, 2, 3], "une boîte écartée"
assert nms(boxes, [0.9, 0.8, 0.7, 0.6], 1) == [0, 1, 2, 3], "rien à écarter"
print("Tri juste.")
# --8<-- [end:test]
