# --8<-- [start:answer]
def best_threshold(probabilities, sick, max_missed):
    """Plus grand seuil qui oublie au plus `max_missed` malades.

    On alerte quand la probabilité est supérieure ou égale au seuil. Le
    seuil est choisi parmi les probabilités des malades (`sick` vaut 1).
    """
    of_sick = sorted(p for p, ill in zip(probabilities, sick) if ill == 1)
    return of_sick[max_missed]


# --8<-- [end:answer]


# --8<-- [start:test]
probabilities = [0.02, 0.10, 0.30, 0.35, 0.60, 0.80, 0.95]
sick = [0, 0, 1, 0, 1, 0, 1]
assert best_threshold(probabilities, sick, 0) == 0.30, "aucun oubli permis"
assert best_threshold(probabilities, sick, 1) == 0.60, "un oubli permis"


def false_alerts(threshold):
    alerts = [p >= threshold for p in probabilities]
    return sum(a and not ill for a, ill in zip(alerts, sick))


assert false_alerts(0.30) == 2, "le prix de zéro oubli"
assert false_alerts(0.60) == 1, "un oubli de plus, une alerte de moins"
# --8<-- [end:test]
