# --8<-- [start:answer]
import math


def wanted_replicas(current, load, target, lowest, highest):
    """Nombre de répliques que viserait le HorizontalPodAutoscaler.

    `load` est la charge moyenne d'une réplique, `target` celle qu'on
    veut : il en faut `current * load / target`, arrondi au-dessus. Si
    `load / target` est à moins de 10 % de 1, on garde `current`. Le
    résultat reste entre `lowest` et `highest`.
    """
    ratio = load / target
    close = abs(ratio - 1) <= 0.1
    wanted = current if close else math.ceil(current * ratio)
    return max(lowest, min(wanted, highest))


# --8<-- [end:answer]


# --8<-- [start:test]
assert wanted_replicas(2, 90, 60, 2, 8) == 3, "2 × 90 / 60 = 3"
assert wanted_replicas(3, 70, 60, 2, 8) == 4, "3,5 s'arrondit au-dessus"
assert wanted_replicas(4, 63, 60, 2, 8) == 4, "à 5 % près, ne rien faire"
assert wanted_replicas(4, 15, 60, 2, 8) == 2, "jamais sous le minimum"
assert wanted_replicas(6, 100, 60, 2, 8) == 8, "jamais au-dessus du maximum"

# Une charge qui triple d'un coup, puis retombe : réplique par réplique.
replicas, history = 2, []
for total in (100, 300, 300, 300, 100, 100):
    replicas = wanted_replicas(replicas, total / replicas, 60, 2, 8)
    history.append(replicas)
assert history == [2, 5, 5, 5, 2, 2], (
    "5 répliques tant que dure la pointe, 2 sinon"
)
# --8<-- [end:test]
