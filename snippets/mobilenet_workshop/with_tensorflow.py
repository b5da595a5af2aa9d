# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.applications import mobilenet_v2
from skimage import data

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
SIDE = 224  # côté des images que le réseau attend
CATS = {"tabby", "tiger_cat", "Persian_cat", "Siamese_cat", "Egyptian_cat"}
CLASSES = ["brique", "herbe", "gravier"]
CROP = 112  # côté des carrés découpés dans les textures
EPOCHS = 3
BATCH_SIZE = 6
LEARNING_RATE = 0.003

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
imagenet_model = mobilenet_v2.MobileNetV2(weights="imagenet")
n_weights = sum(np.prod(w.shape) for w in imagenet_model.trainable_weights)
print("Entrée :", imagenet_model.input_shape)
print("Sortie :", imagenet_model.output_shape)
print(n_weights, "poids appris sur ImageNet")
# --8<-- [end:load]

# --8<-- [start:photos]
chelsea, coffee = data.chelsea(), data.coffee()
for name, photo in [("chelsea", chelsea), ("coffee", coffee)]:
    print(name, photo.shape, photo.dtype, photo.min(), "à", photo.max())
# --8<-- [end:photos]


# --8<-- [start:prepare]
def square(photos):
    # Garder le centre, sans déformer, et le ramener à 224 × 224
    return keras.ops.image.resize(
        photos.astype("float32"),
        (SIDE, SIDE),
        antialias=True,
        crop_to_aspect_ratio=True,
    )


def prepare(photos):
    return mobilenet_v2.preprocess_input(square(photos))


cat, cup = prepare(chelsea[None]), prepare(coffee[None])
pixels = keras.ops.convert_to_numpy(cat)
print("Forme :", pixels.shape)
print(f"Pixels : de {pixels.min():.2f} à {pixels.max():.2f}")
# --8<-- [end:prepare]

# --8<-- [start:seen]
figure, grid = plt.subplots(1, 4, figsize=(9, 2.4))
seen = [np.clip(x[0] / 2 + 0.5, 0, 1) for x in (cat, cup)]
shown = [chelsea, seen[0], coffee, seen[1]]
titles = ["photo", "vue par le réseau"] * 2
for axes, image, title in zip(grid, shown, titles):
    axes.imshow(image)
    axes.set_title(title, fontsize=10)
    axes.axis("off")
plt.show()
# --8<-- [end:seen]


# --8<-- [start:predict]
def top5(probabilities):
    (found,) = mobilenet_v2.decode_predictions(probabilities, top=5)
    return [(name, float(probability)) for _, name, probability in found]


answers = {
    "chelsea": top5(imagenet_model(cat, training=False)),
    "coffee": top5(imagenet_model(cup, training=False)),
}
for photo, answer in answers.items():
    print(photo)
    for name, probability in answer:
        print(f"  {probability:6.1%}  {name}")
# --8<-- [end:predict]

# --8<-- [start:bars]
figure, grid = plt.subplots(1, 2, figsize=(9, 2.6))
for axes, (photo, answer) in zip(grid, answers.items()):
    names, probabilities = zip(*answer)
    axes.barh(names, probabilities)
    axes.invert_yaxis()  # la réponse la plus probable en haut
    axes.set(title=photo, xlabel="probabilité", xlim=(0, 1))
figure.tight_layout()
plt.show()
# --8<-- [end:bars]


# --8<-- [start:forgotten]
def right_answers(images):
    # Probabilité d'un chat sur la première image, d'un espresso sur l'autre
    probabilities = imagenet_model(images, training=False)
    rows = mobilenet_v2.decode_predictions(probabilities, top=1000)
    cat_row, cup_row = ({name: p for _, name, p in row} for row in rows)
    return sum(cat_row[name] for name in CATS), cup_row["espresso"]


raw = keras.ops.concatenate([square(chelsea[None]), square(coffee[None])])
preparations = {
    "celle du réseau : -1 à 1": mobilenet_v2.preprocess_input(raw),
    "un autre usage : 0 à 1": raw / 255,
    "oubliée : 0 à 255": raw,
}
results = {}
for name, images in preparations.items():
    results[name] = right_answers(images)
    print(f"{name:25} chat {results[name][0]:6.1%}", end="")
    print(f" · espresso {results[name][1]:6.1%}")
cat_right, cup_right = results["celle du réseau : -1 à 1"]
cat_forgotten, cup_forgotten = results["oubliée : 0 à 255"]
# --8<-- [end:forgotten]

# --8<-- [start:behead]
# Tout le réseau, sauf sa dernière couche
base = keras.Model(
    imagenet_model.inputs, imagenet_model.layers[-2].output, name="base"
)
base.trainable = False  # gelé : aucun de ses poids ne sera corrigé
n_features = base.output_shape[1]
print("La base rend", n_features, "nombres par image")
# --8<-- [end:behead]

# --8<-- [start:nonsense]
features = base(cat, training=False)
nonsense = []
for seed in range(4):
    keras.utils.set_random_seed(seed)
    untrained = keras.layers.Dense(1000, activation="softmax")
    answer = top5(untrained(features))
    nonsense.append(answer[0])
    print(f"Tête n° {seed + 1} : {answer[0][0]} ({answer[0][1]:.1%})")
# --8<-- [end:nonsense]

# --8<-- [start:crops]
textures = [data.brick(), data.grass(), data.gravel()]
generator = np.random.default_rng(SEED)


def cut(photo, left, right, count):
    # Des carrés tirés au hasard entre deux colonnes de la photo
    rows = generator.integers(0, len(photo) - CROP, count)
    columns = generator.integers(left, right - CROP, count)
    return [
        photo[row : row + CROP, column : column + CROP]
        for row, column in zip(rows, columns)
    ]


def gather(left, right, count):
    crops = [
        crop for photo in textures for crop in cut(photo, left, right, count)
    ]
    labels = np.repeat(np.arange(len(CLASSES)), count)
    # Le réseau attend trois couleurs : répéter le gris
    return np.repeat(np.stack(crops)[..., None], 3, axis=-1), labels


# La gauche de chaque photo pour apprendre, la droite pour juger
crops_train, y_train = gather(0, 224, count=8)
crops_test, y_test = gather(288, 512, count=8)
x_train, x_test = prepare(crops_train), prepare(crops_test)
print("Apprendre :", x_train.shape, "· juger :", x_test.shape)
# --8<-- [end:crops]

# --8<-- [start:head]
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input(shape=(1280,)),
        keras.layers.Dense(len(CLASSES)),
    ]
)
print(model.count_params(), "poids à apprendre")
# --8<-- [end:head]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]

# --8<-- [start:assemble]
inputs = keras.Input(shape=(SIDE, SIDE, 3))
classifier = keras.Model(inputs, model(base(inputs, training=False)))
classifier.compile(
    optimizer=keras.optimizers.Adam(LEARNING_RATE), loss=loss_fn
)
n_trained = sum(np.prod(w.shape) for w in classifier.trainable_weights)
print(n_trained, "poids à apprendre dans l'ensemble")
# --8<-- [end:assemble]


# --8<-- [start:train]
def accuracy():
    logits = classifier(x_test, training=False)
    return (keras.ops.argmax(logits, axis=1) == y_test).numpy().mean()


accuracy_before = accuracy()
history = classifier.fit(
    x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0
)
test_accuracy = accuracy()
for epoch, loss in enumerate(history.history["loss"]):
    print(f"Époque {epoch + 1} · perte {loss:.3f}")
print(f"Exactitude sur le test : {accuracy_before:.0%} avant l'entraînement")
print(f"                         {test_accuracy:.0%} après")
# --8<-- [end:train]

# --8<-- [start:forced]
# Un chat devant un classifieur qui ne connaît que trois textures
logits = classifier(cat, training=False)
forced = keras.ops.convert_to_numpy(keras.ops.softmax(logits))[0]
print("Somme des trois probabilités :", round(float(forced.sum()), 3))
print(f"La plus haute : {forced.max():.0%}")
# --8<-- [end:forced]

# --8<-- [start:check]
assert answers["chelsea"][0][0] in CATS, "le chat n'est pas reconnu"
assert answers["coffee"][0][0] == "espresso", "l'espresso n'est pas reconnu"
assert cup_forgotten < cup_right, "oublier la préparation devrait coûter"
assert all(p < 0.2 for _, p in nonsense), "une tête au hasard est trop sûre"
assert n_trained == n_features * 3 + 3, "la base n'est pas gelée"
assert np.array_equal(base(cat, training=False), features), "base modifiée"
assert test_accuracy > 0.8, "la tête n'a pas appris"
print("Tout est vrai.")
# --8<-- [end:check]
