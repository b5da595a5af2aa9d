import numpy as np


def regression_scores(truth, predicted):
    """Rend MAE, RMSE et R² ; lève `ValueError` si les formes diffèrent."""
    ...  # À vous de jouer




truth = np.array([1.0, 2.0, 3.0, 6.0])

perfect = regression_scores(truth, truth)
assert perfect is not None, "la fonction doit rendre trois nombres"
assert np.allclose(perfect, (0, 0, 1)), "des prédictions parfaites"

constant = np.full(4, truth.mean())
mae, rmse, r2 = regression_scores(truth, constant)
assert np.isclose(mae, 1.5), "écarts de 2, 1, 0 et 3"
assert np.isclose(rmse, np.sqrt(3.5)), "carrés de 4, 1, 0 et 9"
assert np.isclose(r2, 0), "prédire la moyenne donne un R² nul"

refused = False
try:
    regression_scores(truth, truth.reshape(-1, 1))
except ValueError:
    refused = True
assert refused, "(4,) et (4, 1) doivent être refusés"
