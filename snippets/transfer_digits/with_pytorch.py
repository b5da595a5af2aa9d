# --8<-- [start:imports]
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
BATCH_SIZE = 32
STEPS = 60  # corrections accordées à chaque essai
N_SOURCE = 6000
N_TEST = 2000
SHOTS = [1, 5, 20, 100]  # exemples étiquetés par chiffre cible
RATES = [0.005, 0.1]
DRAWS = 2  # tirages d'exemples par taille

torch.manual_seed(SEED)
torch.set_num_threads(1)  # un petit réseau va plus vite sur un seul fil
# --8<-- [end:settings]

# --8<-- [start:data]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)


def prepare(dataset):
    x = dataset.data.reshape(-1, 784).float() / 255
    return x, dataset.targets


x, y = prepare(train_data)
x_test, y_test = prepare(test_data)

# Source : les chiffres 0 à 4, avec beaucoup d'étiquettes
x_source, y_source = x[y < 5][:N_SOURCE], y[y < 5][:N_SOURCE]
x_source_test = x_test[y_test < 5][:N_TEST]
y_source_test = y_test[y_test < 5][:N_TEST]
# Cible : les chiffres 5 à 9, renumérotés de 0 à 4
x_target, y_target = x[y >= 5][:-1000], y[y >= 5][:-1000] - 5
x_val, y_val = x[y >= 5][-1000:], y[y >= 5][-1000:] - 5
x_target_test = x_test[y_test >= 5][:N_TEST]
y_target_test = y_test[y_test >= 5][:N_TEST] - 5
print(f"Source : {len(x_source)} images étiquetées, chiffres 0 à 4")
print(f"Cible  : {5 * SHOTS[0]} à {5 * SHOTS[-1]} images, chiffres 5 à 9")
# --8<-- [end:data]


# --8<-- [start:define]
def build_base():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 8, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
    )


def build_model(base, n_scores=5):
    # Un tronc, qui décrit l'image, et une tête neuve
    return nn.Sequential(base, nn.Linear(400, n_scores))


model = build_model(build_base())
n_base = sum(p.numel() for p in model[0].parameters())
n_head = sum(p.numel() for p in model[1].parameters())
print(f"Tronc : {n_base} paramètres · tête : {n_head}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:train]
def train(model, x, y, steps, learning_rate):
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trainable, lr=learning_rate)
    for _ in range(steps):
        rows = torch.randint(len(x), (BATCH_SIZE,))
        loss = loss_fn(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


# --8<-- [end:train]


# --8<-- [start:source]
train(model, x_source, y_source, steps=500, learning_rate=0.2)
source_base, source_head = model
source_accuracy = accuracy(model, x_source_test, y_source_test)
print(f"Tâche source : {source_accuracy:.1%} d'exactitude")
# --8<-- [end:source]


# --8<-- [start:strategies]
def from_scratch():
    return build_model(build_base())


def frozen(base=source_base):
    base = copy.deepcopy(base)
    base.requires_grad_(False)  # plus de gradient, donc plus de correction
    return build_model(base)


def fine_tuned():
    return build_model(copy.deepcopy(source_base))


strategies = {
    "de zéro": from_scratch,
    "tronc gelé": frozen,
    "affinage": fine_tuned,
}
# --8<-- [end:strategies]


# --8<-- [start:rates]
def draw_examples(shots, seed):
    # Le même nombre d'exemples pour chacun des cinq chiffres
    generator = np.random.default_rng(seed)
    rows = [
        generator.choice(np.flatnonzero(y_target == digit), shots, False)
        for digit in range(5)
    ]
    return np.concatenate(rows)


def attempt(build, shots, draw, learning_rate):
    rows = draw_examples(shots, draw)
    candidate = build()
    train(candidate, x_target[rows], y_target[rows], STEPS, learning_rate)
    return candidate


# Le taux de chaque méthode se choisit sur la validation
rates = {}
for name, build in strategies.items():
    scores = []
    for rate in RATES:
        candidate = attempt(build, 20, draw=99, learning_rate=rate)
        scores.append(accuracy(candidate, x_val, y_val))
    rates[name] = RATES[int(np.argmax(scores))]
    line = "".join(f"{value:8.1%}" for value in scores)
    print(f"{name:11}{line} · taux retenu {rates[name]}")
# --8<-- [end:rates]


# --8<-- [start:curve]
def judge(build, shots, draw, learning_rate):
    candidate = attempt(build, shots, draw, learning_rate)
    return accuracy(candidate, x_target_test, y_target_test)


results = {name: [] for name in strategies}
print("exemples     " + "".join(f"{name:>12}" for name in strategies))
for shots in SHOTS:
    for name, build in strategies.items():
        scores = [
            judge(build, shots, draw, rates[name]) for draw in range(DRAWS)
        ]
        results[name].append(scores)
    line = "".join(f"{np.mean(results[n][-1]):12.1%}" for n in strategies)
    print(f"{shots:3} / chiffre{line}")
# --8<-- [end:curve]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.6))
for (name, scores), marker in zip(results.items(), "os^"):
    scores = np.array(scores)
    axes.plot(SHOTS, scores.mean(axis=1), marker=marker, label=name)
    axes.fill_between(SHOTS, scores.min(axis=1), scores.max(axis=1), alpha=0.2)
axes.set_xscale("log")
axes.set_xticks(SHOTS, [str(shots) for shots in SHOTS])
axes.set(xlabel="exemples par chiffre", ylabel="exactitude sur la cible")
axes.legend()
plt.show()
means = {name: np.mean(scores, axis=1) for name, scores in results.items()}
scratch_five, scratch_many = means["de zéro"][1], means["de zéro"][-1]
frozen_five, frozen_many = means["tronc gelé"][1], means["tronc gelé"][-1]
tuned_five, tuned_many = means["affinage"][1], means["affinage"][-1]
scratch_twenty = means["de zéro"][2]
# Ce que l'affinage ajoute au départ de zéro
gain_one, _, gain_twenty, gain_many = means["affinage"] - means["de zéro"]
loss_one = -gain_one
# --8<-- [end:plot]

# --8<-- [start:control]
# Témoin : geler un tronc que personne n'a entraîné
scores = [
    judge(lambda: frozen(build_base()), 20, draw, rates["tronc gelé"])
    for draw in range(DRAWS)
]
random_frozen = np.mean(scores)
learned_frozen = means["tronc gelé"][2]
print(f"Tronc gelé, appris      : {learned_frozen:.1%}")
print(f"Tronc gelé, tiré au sort : {random_frozen:.1%}")
# --8<-- [end:control]


# --8<-- [start:forget]
def keep_learning(x_new, y_new):
    # Un réseau à dix scores, qui connaît déjà 0 à 4, continue d'apprendre
    learner = build_model(copy.deepcopy(source_base), n_scores=10)
    train(learner, x_source, y_source, 100, 0.1)
    before = accuracy(learner, x_source_test, y_source_test)
    train(learner, x_new, y_new, STEPS, 0.1)
    new = accuracy(learner, x_target_test, y_target_test + 5)
    return before, new, accuracy(learner, x_source_test, y_source_test)


rows = draw_examples(100, seed=0)
x_new, y_new = x_target[rows], y_target[rows] + 5
before, new_alone, old_alone = keep_learning(x_new, y_new)
# Remède : mêler autant d'anciens exemples aux nouveaux
x_mixed = torch.cat([x_new, x_source[:500]])
y_mixed = torch.cat([y_new, y_source[:500]])
_, new_mixed, old_mixed = keep_learning(x_mixed, y_mixed)
print(f"Avant                · 0 à 4 : {before:.1%}")
print(
    f"Après 5 à 9 seuls    · 0 à 4 : {old_alone:.1%} · 5 à 9 : {new_alone:.1%}"
)
print(
    f"Après les deux mêlés · 0 à 4 : {old_mixed:.1%} · 5 à 9 : {new_mixed:.1%}"
)
# --8<-- [end:forget]

# --8<-- [start:batch_norm]
images = torch.randn(64, 3) + 5  # des données décalées, comme une autre cible
norm = nn.BatchNorm1d(3)
norm.requires_grad_(False)
norm.train()(images)
print("poids gelés          :", norm.running_mean.tolist() != [0, 0, 0])
drifted = norm.running_mean.abs().max().item()

norm = nn.BatchNorm1d(3)
norm.eval()(images)
print("en mode évaluation   :", norm.running_mean.tolist() != [0, 0, 0])
fixed = norm.running_mean.abs().max().item()
# --8<-- [end:batch_norm]

# --8<-- [start:check]
assert source_accuracy > 0.93, "la tâche source n'est pas apprise"
assert learned_frozen > random_frozen, "le tronc appris devrait aider"
assert frozen_many > 0.85, "la tête seule devrait suffire"
assert scratch_many > scratch_five, "plus d'exemples devraient aider"
assert old_alone < before - 0.2, "le réseau devrait oublier"
assert old_mixed > old_alone + 0.1, "le mélange devrait protéger"
assert drifted > 0 and fixed == 0, "statistiques de la normalisation par lots"
print("Tout est vrai.")
# --8<-- [end:check]
