# --8<-- [start:answer]
def verdict(reference, challenger, goal):
    """Combien de fois le second va plus vite, ou None si l'un n'arrive pas.

    Chaque liste contient des essais `(secondes, exactitude)`, un par graine.
    Un concurrent est arrivé si plus de la moitié de ses essais atteignent
    `goal` ; son temps est alors la médiane des secondes de **tous** ses
    essais, réussis ou non.
    """
    times = []
    for runs in (reference, challenger):
        n_successes = sum(accuracy >= goal for _, accuracy in runs)
        if n_successes <= len(runs) / 2:
            return None
        seconds = sorted(seconds for seconds, _ in runs)
        middle = len(seconds) // 2
        times.append((seconds[middle] + seconds[-1 - middle]) / 2)
    return times[0] / times[1]


# --8<-- [end:answer]


# --8<-- [start:test]
slow = [(120, 0.991), (100, 0.990), (140, 0.992)]
fast = [(2.0, 0.990), (9.0, 0.992), (2.5, 0.991)]
assert verdict(slow, fast, 0.99) == 120 / 2.5, "la médiane, pas la moyenne"
assert verdict(slow, slow, 0.99) == 1, "contre soi-même"
assert verdict([(10, 0.99)] * 2, [(1, 0.99), (3, 0.99)], 0.99) == 5, (
    "médiane de deux essais : leur moyenne"
)
lucky = [(1.0, 0.991), (1.0, 0.980), (1.0, 0.985)]
assert verdict(slow, lucky, 0.99) is None, "une graine chanceuse ne suffit pas"
assert verdict([(100, 0.98)], fast, 0.99) is None, "référence jamais arrivée"
half = [(1.0, 0.991), (1.0, 0.980)]
assert verdict(slow, half, 0.99) is None, "la moitié ne suffit pas"
# --8<-- [end:test]
