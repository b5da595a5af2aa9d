# --8<-- [start:setup]
import math

# --8<-- [end:setup]


# --8<-- [start:answer]
def top_k(scores, names, k):
    """Les k réponses les plus probables : paires (nom, probabilité)."""
    highest = max(scores)
    exponentials = [math.exp(score - highest) for score in scores]
    total = sum(exponentials)
    pairs = [(name, e / total) for name, e in zip(names, exponentials)]
    return sorted(pairs, key=lambda pair: pair[1], reverse=True)[:k]


# --8<-- [end:answer]


# --8<-- [start:test]
found = top_k([1.0, 3.0, 2.0], ["chat", "tasse", "fusée"], 2) or []
assert [name for name, _ in found] == ["tasse", "fusée"], "du plus au moins"
assert abs(found[0][1] - 0.6652) < 1e-3, "appliquer softmax aux scores"
same = top_k([0.0, 0.0], ["pile", "face"], 2)
assert [p for _, p in same] == [0.5, 0.5], "deux scores égaux"
assert top_k([1000.0, 0.0], ["oui", "non"], 1) == [("oui", 1.0)], "débordement"
# --8<-- [end:test]
