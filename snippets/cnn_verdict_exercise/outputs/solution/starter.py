import numpy as np

STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262}


def verdict(baseline, treated):
    """« gain », « perte » ou « bruit », d'après l'intervalle à 95 %.

    `baseline[i]` et `treated[i]` ont été mesurés avec la même graine.
    `STUDENT` donne le coefficient selon le nombre de paires.
    """
    ...  # À vous de jouer




base = [96.0, 96.4, 95.8, 96.2, 96.1]
assert verdict(base, [97.1, 97.3, 97.0, 97.2, 97.0]) == "gain", (
    "tout l'intervalle dépasse zéro"
)
assert verdict(base, [95.0, 95.5, 94.7, 95.1, 95.2]) == "perte", (
    "tout l'intervalle est sous zéro"
)
assert verdict(base, [96.9, 96.0, 95.9, 96.8, 95.7]) == "bruit", (
    "l'intervalle contient zéro"
)
# Deux graines, deux gains… et rien de prouvé
assert verdict([96.0, 96.4], [96.2, 97.4]) == "bruit", "deux graines"
# Le témoin varie beaucoup, le gain presque pas : les paires le voient
uneven = [90.0, 94.0, 98.0]
assert verdict(uneven, [90.5, 94.6, 98.4]) == "gain", "comparer par paires"
