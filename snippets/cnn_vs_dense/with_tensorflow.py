# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
N_TRAIN = 8000
BATCH_SIZE = 64
EPOCHS = 2
LEARNING_RATE = 0.002

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:N_TRAIN].astype("float32") / 255
y_train = y_train[:N_TRAIN]

# Une image de test sur dix suffit à comparer
x_test = x_test[::10].astype("float32") / 255
y_test = y_test[::10]
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:load]


# --8<-- [start:define]
def build_cnn():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Reshape((28, 28, 1)),  # ajouter le canal
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Permute((3, 1, 2)),  # canaux devant, comme PyTorch
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


def build_dense(n_hidden):
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(n_hidden, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


model = build_cnn()
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]

# --8<-- [start:budget]
models = {
    "CNN": model,
    "dense, même budget": build_dense(26),
    "dense large": build_dense(128),
}
sizes = {name: network.count_params() for name, network in models.items()}
for name, size in sizes.items():
    print(f"{name:<18} : {size:>6} paramètres")

n_cnn, n_dense, n_wide = sizes.values()
assert abs(n_dense - n_cnn) / n_cnn < 0.05, "budgets trop différents"
# --8<-- [end:budget]

# --8<-- [start:cost]
# Produits à calculer pour une image : positions × noyau × canaux
first = 28 * 28 * 16 * (3 * 3 * 1)
second = 14 * 14 * 32 * (3 * 3 * 16)
cnn_products = first + second + 32 * 7 * 7 * 10
dense_products = 784 * 26 + 26 * 10
cost_ratio = cnn_products / dense_products
print("CNN   :", cnn_products, "produits par image")
print("Dense :", dense_products, "produits par image")
# --8<-- [end:cost]


# --8<-- [start:train]
def train(network):
    optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
    network.compile(optimizer=optimizer, loss=loss_fn)
    network.fit(
        x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0
    )


def accuracy(network, images):
    predictions = keras.ops.argmax(network(images), axis=1)
    return np.mean(predictions == y_test)


for name, network in models.items():
    train(network)
    print(f"{name:<18} : {accuracy(network, x_test):.1%} sur le test")
# --8<-- [end:train]

# --8<-- [start:shift]
LIMIT = 4


def shift(images, rows, columns):
    """Déplace le contenu ; les pixels découverts sont noirs."""
    padded = np.pad(images, ((0, 0), (LIMIT, LIMIT), (LIMIT, LIMIT)))
    top, left = LIMIT - rows, LIMIT - columns
    return padded[:, top : top + 28, left : left + 28]


directions = [(0, 1), (0, -1), (1, 0), (-1, 0)]
farthest = np.stack([shift(x_test, 4 * r, 4 * c) for r, c in directions])
ink_kept = farthest.sum(dtype=float) / (4 * x_test.sum(dtype=float))
print(f"Encre encore visible à 4 pixels : {ink_kept:.1%}")
# --8<-- [end:shift]

# --8<-- [start:robustness]
curves = {name: [] for name in models}
for distance in range(LIMIT + 1):
    for name, network in models.items():
        scores = [
            accuracy(network, shift(x_test, distance * r, distance * c))
            for r, c in directions
        ]
        curves[name].append(sum(scores) / 4)

for name, curve in curves.items():
    print(f"{name:<18} :", " ".join(f"{a:6.1%}" for a in curve))
# --8<-- [end:robustness]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.6))
for (name, curve), marker in zip(curves.items(), "osv"):
    axes.plot(range(LIMIT + 1), curve, marker=marker, label=name)
axes.axhline(0.1, linestyle=":", color="gray")
axes.set(xlabel="décalage (pixels)", ylabel="exactitude", ylim=(0, 1))
axes.set_xticks(range(LIMIT + 1))
axes.legend()
plt.show()

cnn_still, cnn_1, cnn_2, cnn_3, cnn_4 = curves["CNN"]
dense_still, dense_1, dense_2, _, dense_4 = curves["dense, même budget"]
wide_still, _, wide_2, _, wide_4 = curves["dense large"]
# --8<-- [end:plot]

# --8<-- [start:equivariance]
# Canaux derrière chez Keras : les colonnes sont l'avant-dernier axe
conv_part = keras.Model(model.inputs[0], model.layers[1].output)
pool_part = keras.Model(model.inputs[0], model.layers[2].output)
image = x_test[:1]
maps = conv_part(image).numpy()
maps_2 = conv_part(shift(image, 0, 2)).numpy()
pooled, pooled_1, pooled_2 = (
    pool_part(shift(image, 0, columns)).numpy() for columns in (0, 1, 2)
)


def gap(still, moved, columns):
    """Plus grand écart, une fois le décalage défait, loin des bords."""
    end = still.shape[2] - 3
    before = still[:, :, 3 - columns : end - columns]
    return np.abs(moved[:, :, 3:end] - before).max()


conv_gap = gap(maps, maps_2, 2)
even_gap = gap(pooled, pooled_2, 1)
odd_gap = min(gap(pooled, pooled_1, 0), gap(pooled, pooled_1, 1))
print(f"Convolution, décalage 2 : {conv_gap:.4f}")
print(f"Réduction, décalage 2   : {even_gap:.4f}")
print(f"Réduction, décalage 1   : {odd_gap:.4f}")
# --8<-- [end:equivariance]

# --8<-- [start:check]
assert cnn_still > dense_still + 0.02, "le CNN devrait gagner, immobile"
assert cnn_still > wide_still, "même contre un réseau dense plus gros"
assert cnn_2 > dense_2 + 0.1, "le CNN devrait mieux tenir à 2 pixels"
assert cnn_2 > wide_2 + 0.1, "grossir le réseau dense ne suffit pas"
assert cnn_4 < cnn_still - 0.1, "un CNN n'est pas invariant"
assert conv_gap < 1e-5, "la convolution suit le décalage"
assert even_gap < 1e-5, "la réduction suit un décalage de deux pixels"
assert odd_gap > 0.01, "mais pas un décalage d'un pixel"
print("Tout est vrai.")
# --8<-- [end:check]
