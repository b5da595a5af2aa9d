# --8<-- [start:answer]
def choose(trials):
    """Réglage à retenir ; trials : nom → exactitudes, une par graine.

    Le plus haut score moyen gagne ; à moyenne égale, le plus haut minimum.
    """

    def rank(name):
        scores = trials[name]
        return sum(scores) / len(scores), min(scores)

    return max(trials, key=rank)


# --8<-- [end:answer]


# --8<-- [start:test]
lucky = {"chanceux": [0.99, 0.70, 0.71], "régulier": [0.90, 0.91, 0.89]}
assert choose(lucky) == "régulier", "un seul beau score ne suffit pas"
high = {"haut": [0.95, 0.85], "prudent": [0.86, 0.86]}
assert choose(high) == "haut", "la moyenne d'abord, le minimum ensuite"
tied = {"agité": [0.75, 1.0], "stable": [0.875, 0.875]}
assert choose(tied) == "stable", "à moyenne égale, le plus régulier"
assert choose({"seul": [0.5]}) == "seul", "un seul candidat"
# --8<-- [end:test]
