# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = [0, 1]
RATES = [0.003, 0.03]  # chaque réseau a droit à deux taux
N_BLOCKS = 8  # deux convolutions par bloc
WIDTH = 8  # cartes de caractéristiques par couche
BATCH_SIZE = 50
N_TRAIN = 1200
EPOCHS = 3
# --8<-- [end:settings]

# --8<-- [start:data]
(x, y), _ = keras.datasets.mnist.load_data()
# Un pixel sur deux, centrés autour de zéro : 14 × 14 suffisent ici
x = x[:N_TRAIN, ::2, ::2].astype("float32") / 127.5 - 1
y = y[:N_TRAIN]
print("Images :", x.shape)
# --8<-- [end:data]


# --8<-- [start:define]
def conv(name=None):
    return keras.layers.Conv2D(WIDTH, 3, padding="same", name=name)


def block(x, kind, rank):
    change = keras.layers.ReLU()(conv(f"conv_{2 * rank + 1}")(x))
    change = conv(f"conv_{2 * rank + 2}")(change)
    if kind == "normalisé":
        change = keras.layers.BatchNormalization()(change)
    if kind == "résiduel":
        change = x + change  # le raccourci : une simple addition
    return keras.layers.ReLU()(change)


def build(kind):
    inputs = keras.Input(shape=(14, 14))
    x = keras.layers.Reshape((14, 14, 1))(inputs)
    x = keras.layers.Conv2D(WIDTH, 2, strides=2, activation="relu")(x)
    for rank in range(N_BLOCKS):
        x = block(x, kind, rank)
    x = keras.layers.Conv2D(10, 7)(x)  # la carte entière : une couche dense
    return keras.Model(inputs, keras.layers.Flatten()(x))


model = build("résiduel")
n_residual = model.count_params()
n_plain = build("nu").count_params()
print(f"Nu : {n_plain} paramètres · résiduel : {n_residual}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:gradients]
def gradient_norms(kind):
    # Taille du gradient de chaque convolution, avant tout entraînement
    keras.utils.set_random_seed(SEEDS[0])
    model = build(kind)
    names = [f"conv_{rank}" for rank in range(1, 2 * N_BLOCKS + 1)]
    kernels = [model.get_layer(name).kernel.value for name in names]
    with tf.GradientTape() as tape:
        loss = loss_fn(y[:500], model(x[:500]))
    return [tf.norm(g).numpy() for g in tape.gradient(loss, kernels)]


norms = {kind: gradient_norms(kind) for kind in ["nu", "résiduel"]}
depths = np.arange(1, 2 * N_BLOCKS + 1)
figure, axes = plt.subplots(figsize=(7, 3.6))
for (kind, values), marker in zip(norms.items(), "os"):
    axes.semilogy(depths, values, marker=marker, label=kind)
axes.set_xticks(depths[::3])
axes.set(xlabel="convolution, de l'entrée à la sortie", ylabel="norme")
axes.set_title("Gradient de chaque couche au départ")
axes.legend()
plt.show()
weakest_ratio = max(norms["nu"]) / min(norms["résiduel"])
print("Toutes les couches du réseau nu reçoivent moins que la plus")
print("mal servie du résiduel :", weakest_ratio < 1)
# --8<-- [end:gradients]


# --8<-- [start:train]
def train(kind, learning_rate, seed):
    keras.utils.set_random_seed(seed)
    model = models[kind]
    # Repartir de poids neufs, avec un optimiseur sans mémoire
    model.set_weights(build(kind).get_weights())
    for memory in model.optimizer.variables:
        memory.assign(keras.ops.zeros_like(memory))
    model.optimizer.learning_rate = learning_rate
    return model.fit(
        x, y, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0
    ).history["loss"]


models = {kind: build(kind) for kind in ["nu", "résiduel", "normalisé"]}
for compiled in models.values():
    optimizer = keras.optimizers.SGD(momentum=0.9)
    optimizer.build(compiled.trainable_variables)
    compiled.compile(optimizer=optimizer, loss=loss_fn)

curves = {}
for kind in models:
    tried = {r: [train(kind, r, seed) for seed in SEEDS] for r in RATES}
    # Le meilleur taux, pour chaque réseau : la plus basse perte finale
    best = min(tried, key=lambda rate: np.mean(tried[rate], axis=0)[-1])
    curves[kind] = np.array(tried[best])
    finals = " et ".join(f"{losses[-1]:.2f}" for losses in tried[best])
    print(f"{kind:10} taux {best:<5} perte finale {finals}")
# --8<-- [end:train]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.6))
epochs = range(1, EPOCHS + 1)
for (kind, losses), marker in zip(curves.items(), "os^"):
    axes.plot(epochs, losses.mean(axis=0), marker=marker, label=kind)
    axes.fill_between(
        epochs, losses.min(axis=0), losses.max(axis=0), alpha=0.2
    )
axes.axhline(np.log(10), linestyle=":", color="gray", label="au hasard")
axes.set_xticks(epochs)
axes.set(xlabel="époque", ylabel="perte d'entraînement")
axes.legend()
plt.show()
plain_loss = curves["nu"][:, -1].mean()
residual_loss = curves["résiduel"][:, -1].mean()
normalized_loss = curves["normalisé"][:, -1].mean()
chance_loss = np.log(10)
# --8<-- [end:plot]

# --8<-- [start:check]
assert n_plain == n_residual, "le raccourci n'a aucun paramètre"
assert weakest_ratio < 0.1, "le gradient du réseau nu devrait être minuscule"
assert curves["nu"][:, -1].min() > 2.1, (
    "le réseau nu ne devrait rien apprendre"
)
assert curves["résiduel"][:, -1].max() < 1.5, "le résiduel devrait apprendre"
assert curves["normalisé"][:, -1].max() < 2, "le normalisé devrait apprendre"
print("Tout est vrai.")
# --8<-- [end:check]
