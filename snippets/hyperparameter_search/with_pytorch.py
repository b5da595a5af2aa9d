# --8<-- [start:imports]
import itertools

import matplotlib.pyplot as plt
import numpy as np
import optuna
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:settings]
BUDGET = 12  # entraînements permis à chaque méthode, ni plus ni moins
SEEDS = range(3)  # chaque méthode est rejouée avec trois graines
EPOCHS = 5

LEARNING_RATES = (0.001, 1.0)  # bornes, explorées en puissances de dix
WIDTHS = (4, 64)  # neurones de la couche cachée
BATCH_SIZES = [16, 32, 64]

torch.set_num_threads(1)  # un si petit réseau va plus vite sur un seul fil
optuna.logging.set_verbosity(optuna.logging.WARNING)
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_rest, x_test, y_rest, y_test = train_test_split(
    x, y, test_size=597, stratify=y, random_state=0
)
x_train, x_val, y_train, y_val = train_test_split(
    x_rest, y_rest, test_size=400, stratify=y_rest, random_state=0
)
x_train, x_val, x_test = map(torch.tensor, (x_train, x_val, x_test))
y_train, y_val, y_test = map(torch.tensor, (y_train, y_val, y_test))
n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:data]


# --8<-- [start:define]
def build_model(width):
    return nn.Sequential(
        nn.Linear(64, width),
        nn.ReLU(),
        nn.Linear(width, 10),
    )


loss_fn = nn.CrossEntropyLoss()
model = build_model(max(WIDTHS))
n_parameters = sum(p.numel() for p in model.parameters())
print(f"Le plus large des réseaux : {n_parameters} paramètres")
# --8<-- [end:define]


# --8<-- [start:train]
def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


def train(learning_rate, width, batch_size, seed):
    torch.manual_seed(seed)
    model = build_model(width)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(EPOCHS):
        for rows in torch.randperm(n_train).split(batch_size):
            loss = loss_fn(model(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def score(learning_rate, width, batch_size, seed=0):
    model = train(learning_rate, width, batch_size, seed)
    return accuracy(model, x_val, y_val)


first_score = score(learning_rate=0.01, width=16, batch_size=64)
print(f"Un essai au jugé : {first_score:.1%} sur la validation")
# --8<-- [end:train]


# --8<-- [start:manual]
def search_by_hand(seed):
    # Un réglage à la fois : essayer, garder le meilleur, passer au suivant
    best = {"learning_rate": 0.01, "width": 16, "batch_size": 64}
    plan = [
        ("learning_rate", [0.001, 0.01, 0.1, 0.3, 1.0]),
        ("width", [4, 8, 32, 64]),
        ("batch_size", BATCH_SIZES),
    ]
    trials = []
    for name, values in plan:
        tried = [best | {name: value} for value in values]
        scores = [score(**trial, seed=seed) for trial in tried]
        best = tried[int(np.argmax(scores))]
        trials += zip(scores, tried)
    return trials


# --8<-- [end:manual]


# --8<-- [start:grid]
def search_grid(seed):
    rates = np.geomspace(*LEARNING_RATES, 3)
    grid = itertools.product(rates, [16, 64], [16, 64])
    names = ("learning_rate", "width", "batch_size")
    trials = [dict(zip(names, values)) for values in grid]
    return [(score(**trial, seed=seed), trial) for trial in trials]


# --8<-- [end:grid]


# --8<-- [start:random]
def search_random(seed):
    generator = np.random.default_rng(seed)
    trials = []
    for _ in range(BUDGET):
        log_rate = generator.uniform(*np.log(LEARNING_RATES))
        log_width = generator.uniform(*np.log(WIDTHS))
        trial = {
            "learning_rate": float(np.exp(log_rate)),
            "width": round(np.exp(log_width)),
            "batch_size": int(generator.choice(BATCH_SIZES)),
        }
        trials.append((score(**trial, seed=seed), trial))
    return trials


# --8<-- [end:random]


# --8<-- [start:bayesian]
def search_bayesian(seed):
    def objective(trial):
        return score(
            trial.suggest_float("learning_rate", *LEARNING_RATES, log=True),
            trial.suggest_int("width", *WIDTHS, log=True),
            trial.suggest_categorical("batch_size", BATCH_SIZES),
            seed,
        )

    # Cinq essais au hasard pour commencer, puis sept choisis
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=BUDGET)
    return [(trial.value, trial.params) for trial in study.trials]


# --8<-- [end:bayesian]


# --8<-- [start:compare]
methods = {
    "à la main": search_by_hand,
    "grille": search_grid,
    "aléatoire": search_random,
    "bayésienne": search_bayesian,
}
results = {
    name: [search(seed) for seed in SEEDS] for name, search in methods.items()
}
best_scores = {
    name: np.array([max(value for value, _ in run) for run in runs])
    for name, runs in results.items()
}
for name, values in best_scores.items():
    print(
        f"{name:10} · {BUDGET} essais · meilleur score"
        f" : {values.mean():.1%} en moyenne"
        f", de {values.min():.1%} à {values.max():.1%}"
    )
means = [values.mean() for values in best_scores.values()]
method_gap = 100 * (max(means) - min(means))  # en points
spreads = [100 * np.ptp(values) for values in best_scores.values()]
mean_spread = np.mean(spreads)
print(f"Écart entre les moyennes des méthodes : {method_gap:.1f} points")
print(f"Écart d'une graine à l'autre, en moyenne : {mean_spread:.1f} points")
# --8<-- [end:compare]

# --8<-- [start:progress]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
for (name, runs), marker in zip(results.items(), "os^D"):
    values = np.array([[value for value, _ in run] for run in runs])
    best_so_far = np.maximum.accumulate(values, axis=1).mean(axis=0)
    left.plot(range(1, BUDGET + 1), best_so_far, marker=marker, label=name)
    rates = [trial["learning_rate"] for run in runs for _, trial in run]
    right.scatter(rates, values, s=14, marker=marker, label=name)
left.set(xlabel="essais", title="Meilleur score jusque-là")
left.set_ylim(0.5, 1)
right.set(xlabel="taux d'apprentissage", title="Score de chaque essai")
right.set_xscale("log")
left.legend()
plt.show()
# --8<-- [end:progress]

# --8<-- [start:noise]
# Les quatre gagnants, réentraînés avec six graines jamais vues
winners = {
    name: max((trial for run in runs for trial in run), key=lambda t: t[0])
    for name, runs in results.items()
}
retrained = {}
for name, (_, trial) in winners.items():
    values = [score(**trial, seed=seed) for seed in range(100, 106)]
    retrained[name] = np.array(values)
    print(
        f"{name:10} · {retrained[name].mean():.1%} en moyenne"
        f", écart-type {100 * retrained[name].std(ddof=1):.1f} points"
    )
deviations = [100 * values.std(ddof=1) for values in retrained.values()]
stable_std, worst_std = min(deviations), max(deviations)
winner_means = [values.mean() for values in retrained.values()]
winner_gap = 100 * (max(winner_means) - min(winner_means))
print(f"Écart entre le premier et le dernier : {winner_gap:.1f} points")
lucky_mean = np.mean([value for value, _ in winners.values()])
champion_drop = 100 * (lucky_mean - np.mean(winner_means))
print(f"Un champion réentraîné perd en moyenne {champion_drop:.1f} points")
# --8<-- [end:noise]

# --8<-- [start:refine]
# Du grossier au fin : resserrer les bornes autour des meilleurs essais
every_trial = [t for runs in results.values() for run in runs for t in run]
every_trial.sort(key=lambda trial: trial[0], reverse=True)
good_rates = [trial["learning_rate"] for _, trial in every_trial[:15]]
low_rate, high_rate = min(good_rates), max(good_rates)
print(f"Quinze meilleurs essais : taux de {low_rate:.2f} à {high_rate:.2f}")

fine_rates = np.geomspace(low_rate, high_rate, 5)
fine_scores = []
for rate in fine_rates:
    values = [score(rate, 64, 32, seed) for seed in range(200, 203)]
    fine_scores.append(np.mean(values))
    print(f"taux {rate:.2f} · {fine_scores[-1]:.1%} en moyenne")
chosen_rate = float(fine_rates[int(np.argmax(fine_scores))])
# --8<-- [end:refine]

# --8<-- [start:test]
final_model = train(chosen_rate, 64, 32, seed=7)
val_accuracy = accuracy(final_model, x_val, y_val)
test_accuracy = accuracy(final_model, x_test, y_test)
best_score = every_trial[0][0]
print(f"Meilleur score de toute la recherche : {best_score:.1%}")
print(f"Modèle final, validation             : {val_accuracy:.1%}")
print(f"Modèle final, test                   : {test_accuracy:.1%}")
# --8<-- [end:test]

# --8<-- [start:check]
n_trials = {name: {len(run) for run in runs} for name, runs in results.items()}
assert all(counts == {BUDGET} for counts in n_trials.values()), "budgets"
assert best_score > first_score + 0.3, "le jugé suffisait"
columns = [(value, *trial.values()) for value, trial in every_trial]
by_rate, by_width, by_batch = np.corrcoef(np.log(columns), rowvar=False)[0, 1:]
assert by_rate > max(abs(by_width), abs(by_batch)), "le taux ne décide pas"
champion_rates = [trial["learning_rate"] for _, trial in winners.values()]
assert min(low_rate, *champion_rates) > 0.1, "un petit taux a bien réussi"
assert mean_spread > method_gap, "les graines comptent moins que la méthode"
leader = max(best_scores, key=lambda name: best_scores[name].mean())
rivals = [best_scores[name].max() for name in methods if name != leader]
assert best_scores[leader].min() < max(rivals), "une méthode domine"
assert champion_drop > 0, "les champions n'ont rien perdu"
assert high_rate < 10 * low_rate, "l'intervalle n'est pas resserré"
assert test_accuracy > 0.9, "exactitude trop basse sur le test"
assert search_random(0) == results["aléatoire"][0], "essais non rejouables"
print("Tout est vrai.")
# --8<-- [end:check]
