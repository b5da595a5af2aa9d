# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np

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

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()


def prepare(images, labels):
    x = images.reshape(-1, 784).astype("float32") / 255
    return x, labels.astype("int64")


x, y = prepare(x, y)
x_test, y_test = prepare(x_test, y_test)

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
    return keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, activation="relu"),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Permute((3, 1, 2)),  # l'ordre de PyTorch
            keras.layers.Flatten(),
        ]
    )


def build_model(base, n_scores=5):
    # Un tronc, qui décrit l'image, et une tête neuve
    return keras.Sequential(
        [keras.Input(shape=(784,)), base, keras.layers.Dense(n_scores)]
    )


model = build_model(build_base())
n_base = model.layers[0].count_params()
n_head = model.layers[1].count_params()
print(f"Tronc : {n_base} paramètres · tête : {n_head}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:train]
generator = np.random.default_rng(SEED)


def compiled(model):
    # Compiler après avoir gelé : c'est là que Keras lit `trainable`
    model.compile(optimizer=keras.optimizers.SGD(), loss=loss_fn)
    return model


def train(model, x, y, steps, learning_rate):
    model.optimizer.learning_rate = learning_rate
    for _ in range(steps):
        rows = generator.integers(len(x), size=BATCH_SIZE)
        model.train_on_batch(x[rows], y[rows])


def accuracy(model, x, y):
    logits = keras.ops.convert_to_numpy(model(x, training=False))
    return (logits.argmax(axis=1) == y).mean()


# --8<-- [end:train]


# --8<-- [start:source]
train(compiled(model), x_source, y_source, steps=500, learning_rate=0.2)
source_base, source_head = model.layers
source_accuracy = accuracy(model, x_source_test, y_source_test)
print(f"Tâche source : {source_accuracy:.1%} d'exactitude")
# --8<-- [end:source]


# --8<-- [start:strategies]
free_model = compiled(build_model(build_base()))
frozen_model = build_model(build_base())
frozen_model.layers[0].trainable = False  # le tronc ne sera plus corrigé
frozen_model = compiled(frozen_model)


def restart(model, base):
    # Repartir de ce tronc, avec une tête neuve, sans recompiler
    new_head = build_model(build_base()).layers[1]
    model.layers[0].set_weights(base.get_weights())
    model.layers[1].set_weights(new_head.get_weights())
    return model


def from_scratch():
    return restart(free_model, build_base())


def frozen(base=source_base):
    return restart(frozen_model, base)


def fine_tuned():
    return restart(free_model, source_base)


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
    learner = compiled(build_model(build_base(), n_scores=10))
    learner.layers[0].set_weights(source_base.get_weights())
    train(learner, x_source, y_source, 100, 0.1)
    before = accuracy(learner, x_source_test, y_source_test)
    train(learner, x_new, y_new, STEPS, 0.1)
    new = accuracy(learner, x_target_test, y_target_test + 5)
    return before, new, accuracy(learner, x_source_test, y_source_test)


rows = draw_examples(100, seed=0)
x_new, y_new = x_target[rows], y_target[rows] + 5
before, new_alone, old_alone = keep_learning(x_new, y_new)
# Remède : mêler autant d'anciens exemples aux nouveaux
x_mixed = np.concatenate([x_new, x_source[:500]])
y_mixed = np.concatenate([y_new, y_source[:500]])
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
# Des données décalées, comme celles d'une autre tâche
images = keras.random.normal((64, 3)) + 5

norm = keras.layers.BatchNormalization()
norm(images, training=True)
drifted = float(keras.ops.max(keras.ops.abs(norm.moving_mean)))
print("mode entraînement          :", drifted > 0)

norm = keras.layers.BatchNormalization(trainable=False)
norm(images, training=True)
fixed = float(keras.ops.max(keras.ops.abs(norm.moving_mean)))
print("couche gelée               :", fixed > 0)

norm = keras.layers.BatchNormalization()
norm(images, training=False)
inference = float(keras.ops.max(keras.ops.abs(norm.moving_mean)))
print("dégelée, en mode inférence :", inference > 0)
# --8<-- [end:batch_norm]

# --8<-- [start:check]
assert source_accuracy > 0.93, "la tâche source n'est pas apprise"
assert learned_frozen > random_frozen, "le tronc appris devrait aider"
assert frozen_many > 0.85, "la tête seule devrait suffire"
assert scratch_many > scratch_five, "plus d'exemples devraient aider"
assert old_alone < before - 0.2, "le réseau devrait oublier"
assert old_mixed > old_alone + 0.1, "le mélange devrait protéger"
assert drifted > 0 and fixed == inference == 0, (
    "statistiques de la normalisation par lots"
)
print("Tout est vrai.")
# --8<-- [end:check]
