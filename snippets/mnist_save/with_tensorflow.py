# --8<-- [start:imports]
import zipfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from scipy.ndimage import maximum_filter

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 4
LEARNING_RATE = 0.003
N_TRAIN = 20_000

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x, y), _ = keras.datasets.mnist.load_data()
x = x.reshape(-1, 784).astype("float32") / 255

# 20 000 images pour apprendre vite, les 5 000 dernières pour régler
x_train, y_train = x[:N_TRAIN], y[:N_TRAIN]
x_val, y_val = x[-5000:], y[-5000:]
print(len(x_train), "images pour apprendre,", len(x_val), "pour régler")
# --8<-- [end:load]


# --8<-- [start:define]
def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


model = build_model()
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
# --8<-- [end:define]

# --8<-- [start:train]
model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])


def show_epoch(epoch, logs):
    print(f"Époque {epoch + 1} · perte de validation {logs['val_loss']:.3f}")


# Garder sur le disque le meilleur modèle vu jusqu'ici
keep_best = keras.callbacks.ModelCheckpoint(
    "best.keras", monitor="val_loss", save_best_only=True
)
history = model.fit(
    x_train,
    y_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    validation_data=(x_val, y_val),
    callbacks=[
        keep_best,
        keras.callbacks.LambdaCallback(on_epoch_end=show_epoch),
    ],
    verbose=0,
).history

best_val_loss = min(history["val_loss"])
# --8<-- [end:train]

# --8<-- [start:save]
model.save("last.keras")

for path in ("best.keras", "last.keras"):
    print(path, ":", round(Path(path).stat().st_size / 1000), "Ko")

# Ce fichier est une archive : l'architecture, puis les poids
with zipfile.ZipFile("best.keras") as archive:
    for name in sorted(archive.namelist()):
        print("  ", name)
# --8<-- [end:save]

# --8<-- [start:reload]
# L'architecture, les poids et l'optimiseur viennent du fichier
reloaded = keras.models.load_model("last.keras")

before = model(x_val, training=False).numpy()
after = reloaded(x_val, training=False).numpy()
same_predictions = np.array_equal(before, after)
print("Mêmes scores, au bit près :", same_predictions)

best = keras.models.load_model("best.keras")
best_loss, val_accuracy = best.evaluate(
    x_val, y_val, batch_size=1000, verbose=0
)
print(
    f"Meilleur modèle : perte {best_loss:.3f}, exactitude {val_accuracy:.1%}"
)

# Pour prédire, l'optimiseur est un poids mort
light = keras.models.load_model("best.keras", compile=False)
light.save("light.keras")
print("light.keras :", round(Path("light.keras").stat().st_size / 1000), "Ko")
# --8<-- [end:reload]


# --8<-- [start:draw]
def arc(center_x, center_y, width, height, start, end):
    """Points d'un arc d'ellipse, angles en degrés."""
    angles = np.radians(np.linspace(start, end, 40))
    xs = center_x + width * np.cos(angles)
    ys = center_y + height * np.sin(angles)
    return list(zip(xs, ys))


# Les traits de chaque chiffre, dans un carré de côté 1
STROKES = {
    0: [arc(0.5, 0.5, 0.32, 0.48, 0, 360)],
    1: [[(0.56, 0.02), (0.44, 0.98)]],
    2: [[*arc(0.5, 0.28, 0.33, 0.27, 190, 400), (0.15, 0.97), (0.9, 0.97)]],
    3: [
        arc(0.45, 0.27, 0.3, 0.25, 200, 450)
        + arc(0.45, 0.75, 0.34, 0.24, 270, 520)
    ],
    4: [[(0.3, 0.05), (0.15, 0.6), (0.85, 0.6)], [(0.68, 0.3), (0.62, 1)]],
    5: [
        [
            (0.8, 0.03),
            (0.28, 0.03),
            (0.24, 0.42),
            *arc(0.48, 0.68, 0.32, 0.3, 230, 490),
        ]
    ],
    6: [
        [
            (0.7, 0.02),
            (0.4, 0.25),
            (0.21, 0.6),
            *arc(0.48, 0.72, 0.27, 0.26, 180, 540),
        ]
    ],
    7: [[(0.15, 0.05), (0.85, 0.05), (0.4, 0.98)]],
    8: [
        arc(0.5, 0.26, 0.24, 0.24, 90, 450)
        + arc(0.5, 0.74, 0.3, 0.24, 270, 630)
    ],
    9: [[*arc(0.5, 0.28, 0.27, 0.26, 0, 360), (0.77, 0.28), (0.65, 0.98)]],
}


def draw_photo(digit, generator):
    """Un chiffre au feutre bleu, décentré, sur un papier mal éclairé."""
    size = generator.uniform(70, 110)
    left, top = generator.uniform(15, 110), generator.uniform(10, 60)
    lean = generator.uniform(-0.15, 0.15)
    mask = Image.new("L", (240, 180), 0)
    for stroke in STROKES[digit]:
        points = [
            (left + size * (0.8 * u + lean * (0.5 - v)), top + size * v)
            for u, v in stroke
        ]
        width = int(generator.integers(7, 11))
        ImageDraw.Draw(mask).line(points, fill=255, width=width, joint="curve")
    ink = np.asarray(mask.filter(ImageFilter.GaussianBlur(1)))[..., None] / 255

    # La lumière baisse d'un bord à l'autre ; le capteur ajoute du grain
    light = np.linspace(1, generator.uniform(0.5, 0.7), 240)[None, :, None]
    paper, pen = np.array([235, 230, 215]), np.array([40, 50, 110])
    photo = (paper * (1 - ink) + pen * ink) * light
    photo = photo + generator.normal(0, 5, size=photo.shape)
    return Image.fromarray(photo.clip(0, 255).astype("uint8"))


generator = np.random.default_rng(SEED)
digits = [digit for _ in range(4) for digit in range(10)]
for number, digit in enumerate(digits):
    draw_photo(digit, generator).save(f"photo_{number}.png")
n_photos = len(digits)
print(n_photos, "photos dessinées, de photo_0.png à", f"photo_{number}.png")
# --8<-- [end:draw]

# --8<-- [start:prepare]
STAGES = ["brute", "inversée", "seuillée", "recadrée", "centrée"]


def read_gray(path):
    """Niveaux de gris entre 0 (noir) et 1 (blanc), image redressée."""
    photo = ImageOps.exif_transpose(Image.open(path)).convert("L")
    return np.asarray(photo, dtype="float32") / 255


def resize(pixels, width, height):
    """Réduit un tableau de pixels en moyennant ses voisins."""
    image = Image.fromarray(pixels.astype("float32"))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def prepare(gray, stage="centrée"):
    """Amène une photo au format de MNIST, en s'arrêtant à `stage`."""
    if stage == "brute":
        return resize(gray, 28, 28)

    # MNIST : trait clair sur fond noir, l'inverse du papier
    if stage == "inversée":
        return resize(1 - gray, 28, 28)

    # Le papier le plus clair du voisinage dit la lumière à cet endroit
    paper = maximum_filter(gray, size=31)
    ink = np.where(gray < 0.7 * paper, paper - gray, 0)
    ink = ink / ink.max()
    if stage == "seuillée":
        return resize(ink, 28, 28)

    # Découper le chiffre, puis ramener son grand côté à 20 pixels
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(box.shape)
    height, width = (max(1, round(scale * side)) for side in box.shape)
    small = resize(box, width, height)
    small = small / small.max()
    top, left = (28 - height) // 2, (28 - width) // 2
    if stage == "centrée":
        # Placer le centre de masse, et non la boîte, au milieu
        total = small.sum()
        center_row = (small.sum(1) * np.arange(height)).sum() / total
        center_column = (small.sum(0) * np.arange(width)).sum() / total
        top = int(np.clip(round(13.5 - center_row), 0, 28 - height))
        left = int(np.clip(round(13.5 - center_column), 0, 28 - width))
    image = np.zeros((28, 28), dtype="float32")
    image[top : top + height, left : left + width] = small
    return image


photos = [read_gray(f"photo_{number}.png") for number in range(n_photos)]
prepared = {s: np.stack([prepare(p, s) for p in photos]) for s in STAGES}
print("Une photo :", photos[0].shape, "· préparée :", prepare(photos[0]).shape)
# --8<-- [end:prepare]

# --8<-- [start:stages]
figure, grid = plt.subplots(3, 6, figsize=(9, 4.8))
for line, number in zip(grid, (3, 14, 27)):
    line[0].imshow(photos[number], cmap="gray", vmin=0, vmax=1)
    line[0].set_title("photo", fontsize=10)
    for axes, stage in zip(line[1:], STAGES):
        axes.imshow(prepared[stage][number], cmap="gray", vmin=0, vmax=1)
        axes.set_title(stage, fontsize=10)
for axes in grid.flat:
    axes.axis("off")
plt.show()
# --8<-- [end:stages]

# --8<-- [start:predict]
truth = np.array(digits)
photo_accuracy = {}
for stage in STAGES:
    inputs = prepared[stage].reshape(-1, 784)
    predicted = best(inputs, training=False).numpy().argmax(axis=1)
    photo_accuracy[stage] = float((predicted == truth).mean())
    print(
        f"{stage:9} {photo_accuracy[stage]:6.1%}"
        f" · dix premières lues {predicted[:10].tolist()}"
    )
print("vérité          · dix premières    ", truth[:10].tolist())
raw_accuracy = photo_accuracy["brute"]
inverted_accuracy = photo_accuracy["inversée"]
thresholded_accuracy = photo_accuracy["seuillée"]
cropped_accuracy = photo_accuracy["recadrée"]
centered_accuracy = photo_accuracy["centrée"]
# --8<-- [end:predict]

# --8<-- [start:check]
assert same_predictions, "le modèle rechargé ne répond pas pareil"
assert abs(best_loss - best_val_loss) < 1e-5, "mauvais point de contrôle"
assert raw_accuracy <= 0.3, "la photo brute ne devrait pas suffire"
assert cropped_accuracy >= thresholded_accuracy + 0.2, "recadrage inutile"
assert centered_accuracy >= 0.7, "photos préparées mal lues"
assert prepared["centrée"].shape == (n_photos, 28, 28), "forme inattendue"
print("Tout est vrai.")
# --8<-- [end:check]
