# --8<-- [start:setup]
import numpy as np

# Quatre documents, trois natures possibles : facture, lettre, bon
probabilities = np.array(
    [[0.90, 0.05, 0.05], [0.4, 0.5, 0.1], [0.1, 0.1, 0.8], [0.7, 0.2, 0.1]]
)
labels = np.array([0, 0, 2, 1])
# --8<-- [end:setup]


# --8<-- [start:answer]
def automate(probabilities, labels, threshold):
    """Part traitée sans relecture, et exactitude sur cette seule part.

    Un document passe sans relecture si sa plus haute probabilité atteint
    le seuil. Si aucun ne passe, l'exactitude est None.
    """
    alone = probabilities.max(axis=1) >= threshold
    if not alone.any():
        return 0.0, None
    right = probabilities.argmax(axis=1) == labels
    return alone.mean(), right[alone].mean()


# --8<-- [end:answer]


# --8<-- [start:test]
share, accuracy = automate(probabilities, labels, 0.0) or (None, None)
assert (share, accuracy) == (1.0, 0.5), "tout passe : deux justes sur quatre"
assert automate(probabilities, labels, 0.75) == (0.5, 1.0), "les deux sûrs"
assert automate(probabilities, labels, 0.7)[0] == 0.75, "0,7 atteint le seuil"
assert automate(probabilities, labels, 0.99) == (0.0, None), "rien ne passe"
# --8<-- [end:test]
