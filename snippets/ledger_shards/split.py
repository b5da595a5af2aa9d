# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np

# --8<-- [end:imports]

# --8<-- [start:durations]
# Instantané du registre, pris le 21 novembre 2026 : secondes de chaque
# exemple du cours, dans l'ordre alphabétique de leurs noms.
durations = """
7.7 5.7 10 25.5 31.7 10.9 3.4 7.3 0.3 0.4 106.7 50.5 4.3 4 12.6 0 0 0.3 0.1
0 0.3 24.4 30.9 0.2 7.6 0 0 11.8 14.8 0.1 0 14.4 34.7 60 94.3 68.8 113 16
4.9 7.2 3.1 3.3 12.3 0.3 13.2 8.5 20.6 28.3 4.2 3.3 15.9 4.3 0.3 3.3 0.3 14
0.4 15.3 3.1 10.9 2.2 0.2 2.7 9.3 22.8 58.5 0 5.5 5.5 0 0 5.6 6.2 1.4 5.2
63.3 65.9 21.8 32.4 19.4 26.3 34.6 40 0 0 0.1 0 5.8 9.2 13.6 0 38.1 16.9
52.5 4.7 7.1 16.4 2.3 15 21.1 0 0 3.8 3.6 74.7 96.4 0 72.2 28.1 27 25.1 27.5
24.1 63.2 11.8 19 19.9 5.8 9.7 10.9 5.7 26.9 0 0 21.5 64.8 0 0 0.2 0 0.3 2.7
0 0 0 0.1 0.1 0.1 0 32 63.6 47.9 72 5.4 8.8 14.5 0 0.3 6.2 0 0 0.2 0.2 0.1
10.1 9.3 0 0.2 0 7.8 14.5 14.7 5.6 0.2 3.6 27.7 42.7 0 65.7 76.6 5.5 3.9
10.8 0.1
"""
seconds = [float(word) for word in durations.split()]
n_examples, total, longest = len(seconds), sum(seconds), max(seconds)
print(f"{n_examples} exemples, {total / 60:.0f} min à la suite")
print(f"Le plus long : {longest:.0f} s ; la médiane : {np.median(seconds)} s")
# --8<-- [end:durations]


# --8<-- [start:static]
def by_slices(seconds, n):
    """Ordre alphabétique : la première tranche, la deuxième…"""
    return [list(part) for part in np.array_split(seconds, n)]


def by_turns(seconds, n):
    """Tourniquet : un exemple par paquet, à tour de rôle."""
    return [seconds[first::n] for first in range(n)]


# --8<-- [end:static]


# --8<-- [start:greedy]
def greedy(seconds, n):
    """Chaque exemple, tel qu'il vient, va au paquet le moins chargé."""
    parts = [[] for _ in range(n)]
    for duration in seconds:
        min(parts, key=sum).append(duration)
    return parts


def longest_first(seconds, n):
    """LPT : la même chose, le plus long d'abord."""
    return greedy(sorted(seconds, reverse=True), n)


# --8<-- [end:greedy]


# --8<-- [start:compare]
def imbalance(parts):
    """Le paquet le plus lourd, en proportion du paquet moyen."""
    loads = [sum(part) for part in parts]
    return max(loads) / (sum(loads) / len(loads))


methods = {
    "tranches alphabétiques": by_slices,
    "tourniquet": by_turns,
    "au moins chargé": greedy,
    "le plus long d'abord": longest_first,
}
machines = [2, 4, 8]
table = {
    name: [imbalance(method(seconds, n)) for n in machines]
    for name, method in methods.items()
}
print(f"{'max / moyenne':<24}" + "".join(f"  N = {n} " for n in machines))
for name, row in table.items():
    print(f"{name:<24}" + "".join(f"{value:8.3f}" for value in row))
# --8<-- [end:compare]

# --8<-- [start:figure]
n = 4
fig, axes = plt.subplots(2, 2, figsize=(7.2, 4.4), sharex=True, sharey=True)
for ax, (name, method) in zip(axes.flat, methods.items()):
    for rank, part in enumerate(method(seconds, n)):
        starts = np.cumsum([0, *part[:-1]])
        ax.barh(rank, part, left=starts, height=0.7, linewidth=0.4)
    ax.axvline(total / n, linestyle=":", color="gray")
    ax.set_title(name, fontsize=11)
    ax.set_yticks([])
for ax in axes[1]:
    ax.set_xlabel("secondes")
fig.tight_layout()
plt.show()
# --8<-- [end:figure]

# --8<-- [start:bound]
for n, ratio in zip(machines, table["le plus long d'abord"]):
    heaviest = ratio * total / n
    at_least = max(total / n, longest)  # aucun plan ne fait mieux
    bound = 4 / 3 - 1 / (3 * n)
    reached = heaviest / at_least
    print(f"N = {n} : {reached:.4f} fois le plancher, borne {bound:.3f}")
    assert reached <= bound
# --8<-- [end:bound]

# --8<-- [start:noise]
rng = np.random.default_rng(0)
noise = rng.lognormal(0, 0.3, size=(200, n_examples))
order = np.argsort(seconds)[::-1]  # du plus long au plus court
n = 4
planned, on_demand = [], []
for factors in noise:
    actual = np.array(seconds) * factors
    # Le plan est fait avec les durées du registre, puis subi.
    loads, plan = np.zeros(n), np.zeros(n)
    for example in order:
        part = plan.argmin()
        plan[part] += seconds[example]
        loads[part] += actual[example]
    planned.append(loads.max() / loads.mean())
    # À la demande : qui a fini prend le suivant de la liste.
    on_demand.append(imbalance(greedy(actual[order].tolist(), n)))
plan_noisy, demand_noisy = np.mean(planned), np.mean(on_demand)
print(f"Plan suivi aveuglément : {plan_noisy:.3f}")
print(f"À la demande           : {demand_noisy:.3f}")
# --8<-- [end:noise]

# --8<-- [start:cost]
SETUP = 300  # secondes, supposées : installer, sur chaque machine
print("machines  attente (min)  machines × min")
waits, bills = [], []
for n in [1, *machines, 16]:
    heaviest = max(sum(part) for part in longest_first(seconds, n))
    waits.append((SETUP + heaviest) / 60)
    bills.append((SETUP * n + total) / 60)
    print(f"{n:8}  {waits[-1]:13.1f}  {bills[-1]:14.1f}")
# --8<-- [end:cost]

# --8<-- [start:check]
assert sum(sum(part) for part in by_slices(seconds, 8)) - total < 1e-6
for n, ratio in zip(machines, table["le plus long d'abord"]):
    assert all(ratio <= row[machines.index(n)] for row in table.values())
assert demand_noisy < plan_noisy
assert waits == sorted(waits, reverse=True) and bills == sorted(bills)
print("Tout est vrai.")
# --8<-- [end:check]
