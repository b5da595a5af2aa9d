# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from scipy import stats

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = range(5)
N_TRAIN = 1000
BATCH_SIZE = 50
EPOCHS = 8
RATE = 0.003
keras.utils.set_random_seed(0)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_pool, y_pool), _ = keras.datasets.mnist.load_data()
# Ajouter le canal, retirer deux pixels de bord, presque toujours noirs
x_pool = x_pool[:, 2:-2, 2:-2, np.newaxis].astype("float32") / 255
x_val, y_val = x_pool[-2500:], y_pool[-2500:]
x_pool, y_pool = x_pool[:-2500], y_pool[:-2500]
print(f"réserve {len(x_pool)}, validation {len(x_val)}")
# --8<-- [end:load]


# --8<-- [start:define]
def build(norm=False, dropout=0.0, l2=0.0):
    penalty = keras.regularizers.L2(l2) if l2 else None

    def convolution(n_maps):
        found = [layers.Conv2D(n_maps, 5, kernel_regularizer=penalty)]
        found.append(layers.MaxPooling2D(2))
        if norm:
            found.append(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        return [*found, layers.ReLU()]

    return keras.Sequential(
        [
            keras.Input(shape=(24, 24, 1)),
            *convolution(8),
            *convolution(16),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(10, kernel_regularizer=penalty),
        ]
    )


model = build()
n_parameters = model.count_params()
print(n_parameters, "paramètres pour", N_TRAIN, "images")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:run]
student = stats.t.ppf(0.975, df=len(SEEDS) - 1)


def interval(values):
    """Moyenne, et demi-largeur de l'intervalle à 95 %."""
    return values.mean(), student * values.std(ddof=1) / len(values) ** 0.5


def attempt(name, build_model=build, make_optimizer=keras.optimizers.Adam):
    """Un entraînement par graine ; rendre les exactitudes, en pour cent."""
    model, optimizer = build_model(), make_optimizer(RATE)
    optimizer.build(model.trainable_variables)
    start = [variable.numpy() for variable in optimizer.variables]

    @tf.function(autograph=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = loss_fn(labels, model(images, training=True))
            loss = loss + sum(model.losses)  # les pénalités ; `fit` y pense
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients)

    scores = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        chosen = np.random.permutation(len(x_pool))[:N_TRAIN]
        x_train, y_train = x_pool[chosen], y_pool[chosen]
        # Tout remettre à neuf, sans recompiler : les poids, puis l'optimiseur
        model.set_weights(build_model().get_weights())
        for variable, value in zip(optimizer.variables, start):
            variable.assign(value)
        for _ in range(EPOCHS):
            order = np.random.permutation(N_TRAIN)
            for rows in order.reshape(-1, BATCH_SIZE):
                step(x_train[rows], y_train[rows])
        answers = np.argmax(model(x_val, training=False), axis=1)
        scores.append(100 * np.mean(answers == y_val))
    mean, half = interval(np.array(scores))
    print(f"{name} : validation {mean:.2f} % ± {half:.2f}")
    return np.array(scores)


val = {"témoin": attempt("témoin")}
# --8<-- [end:run]

# --8<-- [start:norm]
val["norme"] = attempt("normalisation par lots", lambda: build(norm=True))
# --8<-- [end:norm]

# --8<-- [start:dropout]
val["abandon"] = attempt("abandon", lambda: build(dropout=0.5))
# --8<-- [end:dropout]


# --8<-- [start:penalty]
def adamw(rate):
    return keras.optimizers.AdamW(rate, weight_decay=0.1)


val["L2"] = attempt("pénalité L2", lambda: build(l2=0.0005))
val["AdamW"] = attempt("décroissance", make_optimizer=adamw)
# --8<-- [end:penalty]

# --8<-- [start:moves]
shift = layers.RandomTranslation(2 / 24, 2 / 24, fill_mode="constant", seed=0)


def build_shifted():
    # La couche décale à l'entraînement, et laisse passer à l'évaluation
    return keras.Sequential([keras.Input((24, 24, 1)), shift, build()])


val["décalages"] = attempt("décalages", build_shifted)

images = np.repeat(x_pool[:1], 6, axis=0)
figure, grid = plt.subplots(1, 6, figsize=(9, 1.9))
for axes, image in zip(grid, shift(images, training=True).numpy()):
    axes.imshow(image, cmap="gray")
    axes.axis("off")
plt.show()
unchanged = np.allclose(shift(images, training=False), images)
print("à l'évaluation, images intactes :", unchanged)
# --8<-- [end:moves]

# --8<-- [start:cycle]
n_steps = EPOCHS * len(range(0, N_TRAIN, BATCH_SIZE))


def cycled_adam(rate):
    # Deux fois plus haut au sommet : le même taux en moyenne
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=rate / 12.5,
        warmup_target=2 * rate,
        warmup_steps=n_steps // 4,
        decay_steps=n_steps - n_steps // 4,
    )
    return keras.optimizers.Adam(schedule)


val["cycle"] = attempt("taux en un cycle", make_optimizer=cycled_adam)
# --8<-- [end:cycle]

# --8<-- [start:table]
names = list(val)[1:]
# Comparer graine par graine : mêmes images, seul le remède change
gain = {name: val[name] - val["témoin"] for name in names}
figure, axes = plt.subplots(figsize=(8, 3.6))
axes.axvline(0, color="gray", linestyle="--")
for row, name in enumerate(names):
    center, width = interval(gain[name])
    print(f"{name:9} : gain de {center - width:5.2f} à {center + width:5.2f}")
    axes.plot(gain[name], [row] * len(SEEDS), "o", color="C0", alpha=0.4)
    axes.errorbar(center, row, xerr=width, fmt="D", color="C1", capsize=4)
axes.set_yticks(range(len(names)), names)
axes.set(xlabel="gain d'exactitude de validation, en points")
axes.invert_yaxis()
plt.show()

base_val = val["témoin"].mean()
norm_gain, dropout_gain, l2_gain, decay_gain, moves_gain, cycle_gain = (
    gain[name].mean() for name in names
)
# --8<-- [end:table]

# --8<-- [start:check]
assert base_val > 90, "le témoin n'a pas appris"
others = dropout_gain, l2_gain, decay_gain, moves_gain, cycle_gain
assert norm_gain > max(others), "un autre remède domine"
center, width = interval(gain["norme"])
assert center > width, "son intervalle devait rester au-dessus de zéro"
assert unchanged, "l'augmentation doit se taire à l'évaluation"
print("Tout est vrai.")
# --8<-- [end:check]
