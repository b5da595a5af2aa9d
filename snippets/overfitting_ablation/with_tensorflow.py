# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
SEEDS = range(5)
EPOCHS = 40
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:imports]

# --8<-- [start:load]
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
x_pool, x_test, y_pool, y_test = train_test_split(
    x, y, test_size=500, random_state=42, stratify=y
)
x_many, x_val, y_many, y_val = train_test_split(
    x_pool, y_pool, test_size=400, random_state=42, stratify=y_pool
)
print(f"réserve {len(x_many)}, validation {len(x_val)}, test {len(x_test)}")
# --8<-- [end:load]


# --8<-- [start:define]
def build(hidden=128, dropout=0, l1=0, l2=0):
    penalty = keras.regularizers.L1L2(l1, l2)
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            layers.Dense(hidden, "relu", kernel_regularizer=penalty),
            layers.Dropout(dropout),
            layers.Dense(hidden, "relu", kernel_regularizer=penalty),
            layers.Dropout(dropout),
            layers.Dense(10, kernel_regularizer=penalty),
        ]
    )


model = build()
n_parameters = model.count_params()
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:run]
# Décaler chaque image d'un pixel au plus, au hasard
shift = keras.Sequential(
    [
        keras.Input(shape=(64,)),
        layers.Reshape((8, 8, 1)),
        layers.RandomTranslation(
            1 / 8, 1 / 8, fill_mode="constant", interpolation="nearest"
        ),
        layers.Flatten(),
    ]
)


def evaluate(model, x, y):
    logits = model(x, training=False)
    accuracy = np.mean(np.argmax(logits, axis=1) == y)
    return float(loss_fn(y, logits)), accuracy


def run(n=100, hidden=128, l1=0, l2=0, dropout=0, patience=None, moves=False):
    """Un entraînement par graine : rend les modèles et leurs mesures."""
    model = build(hidden, dropout, l1, l2)
    optimizer = keras.optimizers.Adam(learning_rate=0.005)
    optimizer.build(model.trainable_variables)
    start = [variable.numpy() for variable in optimizer.variables]

    # Compilée une fois, cette étape sert à toutes les graines
    @tf.function(autograph=False)
    def step(images, labels):
        images = shift(images, training=True) if moves else images
        with tf.GradientTape() as tape:
            loss = loss_fn(labels, model(images, training=True))
            loss = loss + sum(model.losses)  # les pénalités
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients)

    results = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        # À graine égale, chaque remède reçoit les mêmes images
        chosen = np.random.default_rng(seed).permutation(len(x_many))[:n]
        x_train, y_train = x_many[chosen], y_many[chosen]
        # Tout remettre à neuf : les poids, puis la mémoire d'Adam
        fresh = build(hidden, dropout, l1, l2)
        model.set_weights(fresh.get_weights())
        for variable, value in zip(optimizer.variables, start):
            variable.assign(value)
        losses, best_weights = [], None
        epoch, finished = 0, False
        while epoch < EPOCHS and not finished:
            epoch += 1
            for rows in np.random.permutation(n).reshape(-1, 25):
                step(x_train[rows], y_train[rows])
            if patience:
                losses.append(evaluate(model, x_val, y_val)[0])
                best = losses.index(min(losses))
                if best == len(losses) - 1:
                    best_weights = model.get_weights()
                finished = len(losses) - 1 - best >= patience
        # Rendre une copie : la graine suivante reprend `model`
        fresh.set_weights(best_weights or model.get_weights())
        train_accuracy = evaluate(fresh, x_train, y_train)[1]
        val_loss, val_accuracy = evaluate(fresh, x_val, y_val)
        results.append((fresh, train_accuracy, val_accuracy, val_loss))
    return results


# --8<-- [end:run]

# --8<-- [start:table]
REMEDIES = {
    "témoin": {},
    "plus de données": {"n": 500},
    "modèle plus petit": {"hidden": 16},
    "pénalité L1": {"l1": 0.0003},
    "pénalité L2": {"l2": 0.003},
    "abandon": {"dropout": 0.5},
    "arrêt anticipé": {"patience": 5},
    "augmentation": {"moves": True},
}
models, train, val, val_loss, gain = {}, {}, {}, {}, {}
print("remède         entraînement   validation         gain   perte val.")
for name, options in REMEDIES.items():
    results = run(**options)
    models[name] = [result[0] for result in results]
    scores = np.array([result[1:] for result in results])
    train[name], val[name], losses = scores.T
    val_loss[name] = losses.mean()
    # Comparer graine par graine : mêmes images, seul le remède change
    gain[name] = 100 * (val[name] - val["témoin"])
    print(
        f"{name:18} {train[name].mean():8.1%}"
        f"   {val[name].mean():5.1%} ± {100 * val[name].std(ddof=1):3.1f}"
        f" {gain[name].mean():+5.1f} ± {gain[name].std(ddof=1):3.1f}"
        f"     {val_loss[name]:.2f}"
    )
# --8<-- [end:table]

# --8<-- [start:plot]
names = list(REMEDIES)[1:]
figure, axes = plt.subplots(figsize=(8, 3.8))
axes.axvline(0, color="gray", linestyle="--")
for row, name in enumerate(names):
    axes.plot(gain[name], [row] * len(SEEDS), "o", color="C0", alpha=0.4)
    axes.plot(gain[name].mean(), row, "D", color="C1", markersize=8)
axes.set_yticks(range(len(names)), names)
axes.set_xticks(range(-15, 16, 5))
axes.set(xlabel="gain d'exactitude de validation, en points")
axes.invert_yaxis()
plt.show()
# --8<-- [end:plot]

# --8<-- [start:judge]
best_name = max(names, key=lambda name: val[name].mean())
print("Retenu sur la validation :", best_name)

test = {}
for name in ("témoin", best_name):
    scores = [evaluate(model, x_test, y_test)[1] for model in models[name]]
    test[name] = np.array(scores)
    mean, spread = test[name].mean(), test[name].std(ddof=1)
    print(f"test, {name:16} {mean:.1%} ± {100 * spread:.1f}")
base_test = test["témoin"].mean()
best_test = test[best_name].mean()
base_val, best_val = val["témoin"].mean(), val[best_name].mean()
base_spread = 100 * val["témoin"].std(ddof=1)
data_gain = gain["plus de données"].mean()
moves_gain = gain["augmentation"].mean()
base_loss, l2_loss = val_loss["témoin"], val_loss["pénalité L2"]
# --8<-- [end:judge]

# --8<-- [start:check]
assert best_name == "plus de données", "un autre remède l'emporte"
assert gain[best_name].min() > 0, "il devait aider à chaque graine"
others = [gain[name].mean() for name in names if name != best_name]
assert max(others) < 1, "à données égales, un remède gagne un point"
spread = {name: gain[name].std(ddof=1) for name in names}
noise = [name for name in names if abs(gain[name].mean()) < spread[name]]
assert noise == names[2:], "les cinq derniers gains devaient s'y noyer"
small = "modèle plus petit"
assert gain[small].max() < 0, "il devait perdre à chaque graine"
assert train[small].mean() > 0.95, "il devait retenir ses images"
worse = [name for name in names if val_loss[name] > base_loss]
assert worse == [small], "les autres pertes devaient baisser"
assert best_test > base_test, "le remède retenu devait aider sur le test"
moved = shift(x_many, training=True)
intact = np.mean(np.all(moved == x_many, axis=1))
assert 0.2 < intact < 0.3, "un quart des images devait rester en place"
print("Tout est vrai.")
# --8<-- [end:check]
