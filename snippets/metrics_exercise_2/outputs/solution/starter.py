def choose_threshold(truth, scores, min_recall):
    """Le plus haut score qui, pris comme seuil, atteint `min_recall`.

    On alerte quand le score est supérieur ou égal au seuil.
    """
    ...  # À vous de jouer




truth = [0, 0, 1, 0, 1, 0, 1, 1]
scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9]
assert choose_threshold(truth, scores, 0.25) == 0.9, "un positif sur quatre"
assert choose_threshold(truth, scores, 0.5) == 0.7, "deux sur quatre"
assert choose_threshold(truth, scores, 0.6) == 0.5, "il en faut trois"
assert choose_threshold(truth, scores, 1) == 0.3, "tous les positifs"
