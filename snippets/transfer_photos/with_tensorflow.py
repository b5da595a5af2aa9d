# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input
from skimage import data

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
SIDE = 32  # côté d'une vignette, en pixels
CLASSES = ["brique", "herbe", "gravier"]
# Colonnes de vignettes de chaque zone ; 6 et 9 séparent, et ne servent pas
ZONES = {"train": (0, 6), "val": (7, 9), "test": (10, 16)}
KEPT = {"train": 24, "val": 16, "test": 32}  # vignettes par photo
SHOTS = [1, 5, 20]  # vignettes étiquetées par classe
DRAWS = 3  # tirages de vignettes pour chaque nombre
BATCH_SIZE = 32
STEPS = 100
RATES = [0.001, 0.01]

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
photos = [data.brick(), data.grass(), data.gravel()]


def cut(photo, zone):
    # Des vignettes qui se touchent sans se recouvrir, toutes dans la zone
    first, last = ZONES[zone]
    strip = photo[:, first * SIDE : last * SIDE]
    tiles = strip.reshape(-1, SIDE, last - first, SIDE).swapaxes(1, 2)
    return tiles.reshape(-1, SIDE, SIDE)


def same_light(tiles):
    # Même clarté, même contraste : il ne reste que la texture
    mean = tiles.mean(axis=(1, 2), keepdims=True)
    spread = tiles.std(axis=(1, 2), keepdims=True)
    return (127.5 + 50 * (tiles - mean) / spread).clip(0, 255).astype("uint8")


def gather(zone):
    generator = np.random.default_rng(SEED)
    found = [
        generator.choice(cut(photo, zone), KEPT[zone], replace=False)
        for photo in photos
    ]
    labels = np.repeat(np.arange(len(CLASSES)), KEPT[zone])
    return same_light(np.concatenate(found)), labels


tiles_train, y_train = gather("train")
tiles_val, y_val = gather("val")
tiles_test, y_test = gather("test")
n_tiles = len(tiles_train) + len(tiles_val) + len(tiles_test)
print("Réserve    :", tiles_train.shape)
print("Validation :", tiles_val.shape)
print("Test       :", tiles_test.shape)
# --8<-- [end:data]

# --8<-- [start:look]
figure, grid = plt.subplots(3, 9, figsize=(9, 3.4))
for line, name in enumerate(CLASSES):
    for column, zone_tiles in enumerate([tiles_train, tiles_val, tiles_test]):
        start = line * len(zone_tiles) // 3
        for shift in range(3):
            axes = grid[line, 3 * column + shift]
            axes.imshow(zone_tiles[start + shift], cmap="gray")
            axes.axis("off")
    grid[line, 0].set_title(name, fontsize=9)
plt.show()
# --8<-- [end:look]

# --8<-- [start:trunk]
trunk = MobileNetV2(
    weights="imagenet",
    include_top=False,  # sans la tête, qui nomme mille classes
    input_shape=(224, 224, 3),
    pooling="avg",  # une moyenne par carte de caractéristiques
)
n_trunk = sum(np.prod(w.shape) for w in trunk.trainable_weights)
trunk.trainable = False  # gelé : aucun poids du tronc ne sera corrigé
print(f"Tronc : {n_trunk} paramètres, tous gelés")
# --8<-- [end:trunk]


# --8<-- [start:extract]
def extract(tiles):
    features = []
    for batch in np.split(tiles, len(tiles) // 24):
        # Le tronc attend trois couleurs : répéter le gris
        images = np.repeat(batch[..., None], 3, axis=-1).astype("float32")
        # Agrandir à 224, normaliser comme à l'origine
        images = keras.ops.image.resize(images, (224, 224))
        features.append(trunk.predict(preprocess_input(images), verbose=0))
    return np.concatenate(features)


# Une seule fois par vignette : le tronc gelé répondrait toujours pareil
f_train, f_val, f_test = map(extract, [tiles_train, tiles_val, tiles_test])
n_features = f_train.shape[1]
print("Caractéristiques :", f_train.shape)
# --8<-- [end:extract]

# --8<-- [start:pixels]
x_train, x_val, x_test = (
    tiles.astype("float32") / 127.5 - 1
    for tiles in (tiles_train, tiles_val, tiles_test)
)
# --8<-- [end:pixels]


# --8<-- [start:define]
def build_cnn():
    return keras.Sequential(
        [
            keras.Input(shape=(SIDE, SIDE)),
            keras.layers.Reshape((SIDE, SIDE, 1)),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3),
        ]
    )


def build_head(*shape):
    return keras.Sequential(
        [
            keras.Input(shape=shape),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )


model = build_cnn()
n_cnn = model.count_params()
n_head = build_head(1280).count_params()
print(f"Petit CNN : {n_cnn} paramètres · tête seule : {n_head}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:train]
generator = np.random.default_rng(SEED)


def compiled(model):
    model.compile(optimizer=keras.optimizers.Adam(), loss=loss_fn)
    model.optimizer.build(model.trainable_variables)
    return model


def restart(model, build):
    # Repartir de poids neufs sans recompiler ; l'optimiseur oublie tout
    model.set_weights(build().get_weights())
    for memory in model.optimizer.variables:
        memory.assign(keras.ops.zeros_like(memory))


def train(model, x, y, learning_rate):
    model.optimizer.learning_rate = learning_rate
    for _ in range(STEPS):
        rows = generator.integers(len(x), size=BATCH_SIZE)
        model.train_on_batch(x[rows], y[rows])


def accuracy(model, x, y):
    logits = keras.ops.convert_to_numpy(model(x, training=False))
    return (logits.argmax(axis=1) == y).mean()


# --8<-- [end:train]


# --8<-- [start:methods]
# Un modèle neuf à chaque essai, et ce qu'on lui donne à lire
methods = {
    "tronc gelé": (lambda: build_head(n_features), f_train, f_val, f_test),
    "CNN de zéro": (build_cnn, x_train, x_val, x_test),
    "pixels seuls": (lambda: build_head(SIDE, SIDE), x_train, x_val, x_test),
}
models = {name: compiled(build()) for name, (build, *_) in methods.items()}


def attempt(name, shots, draw, learning_rate):
    build, reserve = methods[name][:2]
    generator = np.random.default_rng(draw)
    rows = np.concatenate(
        [
            generator.choice(np.flatnonzero(y_train == label), shots, False)
            for label in range(len(CLASSES))
        ]
    )
    candidate = models[name]
    restart(candidate, build)
    train(candidate, reserve[rows], y_train[rows], learning_rate)
    return candidate


# Le taux de chaque méthode se choisit sur la validation
rates = {}
for name, (_, _, validation, _) in methods.items():
    scores = []
    for rate in RATES:
        candidate = attempt(name, 10, draw=99, learning_rate=rate)
        scores.append(accuracy(candidate, validation, y_val))
    rates[name] = RATES[int(np.argmax(scores))]
    line = "".join(f"{score:8.1%}" for score in scores)
    print(f"{name:12}{line} · taux retenu {rates[name]}")
# --8<-- [end:methods]

# --8<-- [start:curve]
results = {name: [] for name in methods}
print("étiquettes  " + "".join(f"{name:>14}" for name in methods))
for shots in SHOTS:
    for name, (_, _, _, judged) in methods.items():
        scores = []
        for draw in range(DRAWS):
            candidate = attempt(name, shots, draw, rates[name])
            scores.append(accuracy(candidate, judged, y_test))
        results[name].append(scores)
    line = "".join(f"{np.mean(results[name][-1]):14.1%}" for name in methods)
    print(f"{shots:2} / classe {line}")
# --8<-- [end:curve]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.8))
for (name, scores), marker in zip(results.items(), "os^"):
    scores = np.array(scores)
    axes.plot(SHOTS, scores.mean(axis=1), marker=marker, label=name)
    axes.fill_between(SHOTS, scores.min(axis=1), scores.max(axis=1), alpha=0.2)
axes.axhline(1 / 3, linestyle=":", color="gray", label="au hasard")
axes.set_xscale("log")
axes.set_xticks(SHOTS, [str(shots) for shots in SHOTS])
axes.set(xlabel="vignettes étiquetées par classe", ylabel="exactitude (test)")
axes.legend()
plt.show()
means = {name: np.mean(scores, axis=1) for name, scores in results.items()}
frozen_one, frozen_five, frozen_many = means["tronc gelé"]
scratch_one, scratch_five, scratch_many = means["CNN de zéro"]
pixels_many = means["pixels seuls"][-1]
frozen_gap = np.ptp(results["tronc gelé"][0])
# --8<-- [end:plot]

# --8<-- [start:check]
assert n_tiles <= 400, "l'extraction doit rester courte"
assert n_features == 1280, "une caractéristique par carte du tronc"
assert not trunk.trainable_weights, "tronc non gelé"
assert frozen_many > 0.8, "vingt vignettes par classe devraient suffire"
assert frozen_many > pixels_many + 0.2, "le tronc doit servir à quelque chose"
assert frozen_one > scratch_one + 0.2, "le tronc devait gagner à une"
assert frozen_five > scratch_five + 0.1, "le tronc devait gagner à cinq"
assert frozen_many > scratch_many, "le tronc devait gagner à vingt"
assert scratch_many > scratch_one, "plus d'étiquettes devraient aider"
print("Tout est vrai.")
# --8<-- [end:check]
