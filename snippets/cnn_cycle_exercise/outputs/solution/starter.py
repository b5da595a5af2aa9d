import math


def cycle_rate(step, n_steps, peak, warmup=0.25):
    """Taux d'apprentissage de la correction `step`, comptée depuis 0.

    Il monte en ligne droite de 0 à `peak` pendant la part `warmup` des
    corrections, puis redescend à 0 en suivant une demi-période de cosinus.
    """
    ...  # À vous de jouer




rates = [cycle_rate(step, 400, 0.01) for step in range(401)]
assert rates[0] == 0, "le taux part de zéro"
assert rates[50] == 0.005, "à mi-montée"
assert rates[100] == max(rates) == 0.01, "le sommet, au quart"
assert math.isclose(rates[250], 0.005), "à mi-descente"
assert math.isclose(rates[400], 0, abs_tol=1e-12), "le taux finit à zéro"
average = sum(rates) / len(rates)
assert math.isclose(average, 0.005, rel_tol=0.01), "la moitié, en moyenne"
