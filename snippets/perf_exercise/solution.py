# --8<-- [start:setup]
from math import ceil

# --8<-- [end:setup]


# --8<-- [start:answer]
def percentile(durations, share):
    """Plus petite durée reçue que `share` des requêtes ne dépassent pas.

    `durations` : des nombres, dans un ordre quelconque, au moins un.
    `share` : de 0 exclu à 1 ; `0.99` pour 99 requêtes sur cent.
    """
    ordered = sorted(durations)
    # Un produit de nombres à virgule peut dépasser d'un rien : l'arrondir
    rank = ceil(round(share * len(ordered), 9))
    return ordered[rank - 1]


def speedup(parts, name, factor):
    """Gain du tout, si l'étape `name` va `factor` fois plus vite.

    `parts` : nom de chaque étape → sa durée.
    """
    before = sum(parts.values())
    after = before - parts[name] + parts[name] / factor
    return before / after


# --8<-- [end:answer]

# --8<-- [start:test]
durations = [12] * 95 + [40, 50, 60, 70, 900]
assert percentile(durations, 0.5) == 12, "la moitié des requêtes"
assert percentile(durations, 0.99) == 70, "une sur cent va plus lentement"
assert percentile(durations, 1) == 900, "la plus lente"
assert percentile(durations[::-1], 0.96) == 40, "l'ordre ne compte pas"
assert percentile([7], 0.5) == 7, "une seule durée : c'est elle"

parts = {"décoder": 4, "calculer": 12, "répondre": 4}
assert speedup(parts, "calculer", 1) == 1, "rien ne change"
assert speedup(parts, "calculer", 3) == 20 / 12, "12 devient 4"
assert speedup(parts, "calculer", 1e9) < 2.5 + 1e-6, "les 8 autres restent"
assert speedup(parts, "décoder", 4) == 20 / 17, (
    "4 devient 1, les 16 autres restent"
)
# --8<-- [end:test]
