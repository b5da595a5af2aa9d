import numpy as np

# Quatre documents, trois natures possibles : facture, lettre, bon
probabilities = np.array(
    [[0.90, 0.05, 0.05], [0.4, 0.5, 0.1], [0.1, 0.1, 0.8], [0.7, 0.2, 0.1]]
)
labels = np.array([0, 0, 2, 1])


def automate(probabilities, labels, threshold):
    """Part traitée sans relecture, et exactitude sur cette seule part.

    Un document passe sans relecture si sa plus haute probabilité atteint
    le seuil. Si aucun ne passe, l'exactitude est None.
    """
    ...  # À vous de jouer




share, accuracy = automate(probabilities, labels, 0.0) or (None, None)
assert (share, accuracy) == (1.0, 0.5), "tout passe : deux justes sur quatre"
assert automate(probabilities, labels, 0.75) == (0.5, 1.0), "les deux sûrs"
assert automate(probabilities, labels, 0.7)[0] == 0.75, "0,7 atteint le seuil"
assert automate(probabilities, labels, 0.99) == (0.0, None), "rien ne passe"
