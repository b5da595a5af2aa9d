import math



def top_k(scores, names, k):
    """Les k réponses les plus probables : paires (nom, probabilité)."""
    ...  # À vous de jouer




found = top_k([1.0, 3.0, 2.0], ["chat", "tasse", "fusée"], 2) or []
assert [name for name, _ in found] == ["tasse", "fusée"], "du plus au moins"
assert abs(found[0][1] - 0.6652) < 1e-3, "appliquer softmax aux scores"
same = top_k([0.0, 0.0], ["pile", "face"], 2)
assert [p for _, p in same] == [0.5, 0.5], "deux scores égaux"
assert top_k([1000.0, 0.0], ["oui", "non"], 1) == [("oui", 1.0)], "débordement"
