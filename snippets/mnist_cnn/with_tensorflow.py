# --8<-- [start:imports]
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# --8<-- [end:imports]

# --8<-- [start:settings]
SEEDS = [42, 43, 44]
BATCH_SIZE = 128
EPOCHS = 2
MAX_RATE = 0.02

keras.utils.set_random_seed(SEEDS[0])
# --8<-- [end:settings]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
print("Entraînement :", x_train.shape, x_train.dtype)
# --8<-- [end:load]

# --8<-- [start:prepare]
# Retirer deux pixels à chaque bord, presque toujours noirs
x_train, x_test = x_train[:, 2:-2, 2:-2], x_test[:, 2:-2, 2:-2]
# Un canal de gris : (images, hauteur, largeur) devient (…, …, …, 1)
x_train = x_train[..., np.newaxis].astype("float32") / 255
x_test = x_test[..., np.newaxis].astype("float32") / 255

# Réserver 5 000 images d'entraînement pour régler
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]

n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print("Un lot :", x_train[:BATCH_SIZE].shape)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:prepare]


# --8<-- [start:define]
def normalize():
    # Les réglages de PyTorch, pour que les deux modèles soient le même
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(24, 24, 1)),
            # La normalisation décale déjà : pas de biais avant elle
            layers.Conv2D(16, 5, use_bias=False),
            layers.MaxPooling2D(2),
            normalize(),
            layers.ReLU(),
            layers.Conv2D(32, 5, use_bias=False),
            layers.MaxPooling2D(2),
            normalize(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


model = build_model()
for layer in model.layers:
    kind, shape = type(layer).__name__, layer.output.shape[1:]
    print(f"{kind:18} {shape!s:13} {layer.count_params():5} nombres")

n_numbers = model.count_params()
n_parameters = sum(math.prod(w.shape) for w in model.trainable_weights)
print(f"{n_parameters} paramètres appris, {n_numbers} nombres en tout")
# --8<-- [end:define]

# --8<-- [start:functional]
inputs = keras.Input(shape=(24, 24, 1))
maps = layers.Conv2D(16, 5, use_bias=False)(inputs)
maps = layers.ReLU()(normalize()(layers.MaxPooling2D(2)(maps)))
maps = layers.Conv2D(32, 5, use_bias=False)(maps)
maps = layers.ReLU()(normalize()(layers.MaxPooling2D(2)(maps)))
scores = layers.Dense(10)(layers.Flatten()(maps))
functional = keras.Model(inputs, scores)

# Les mêmes poids doivent donner les mêmes scores
functional.set_weights(model.get_weights())
gaps = model(x_test[:64]) - functional(x_test[:64])
twin_gap = float(np.abs(gaps).max())
print("Nombres :", model.count_params(), "et", functional.count_params())
print(f"Plus grand écart entre les scores : {twin_gap:.6f}")
# --8<-- [end:functional]

# --8<-- [start:loss]
# Le modèle sort des scores bruts : la perte applique elle-même softmax
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]

# --8<-- [start:schedule]
n_steps = EPOCHS * math.ceil(n_train / BATCH_SIZE)
n_warmup = n_steps // 4
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=MAX_RATE / 25,
    warmup_target=MAX_RATE,
    warmup_steps=n_warmup,
    decay_steps=n_steps - n_warmup,
)
print(f"{n_steps} corrections, dont {n_warmup} de montée")
# --8<-- [end:schedule]


# --8<-- [start:train]
def show_epoch(epoch, logs):
    print(
        f"Époque {epoch + 1}/{EPOCHS}"
        f" · perte {logs['loss']:.3f}"
        f" · exactitude {logs['accuracy']:.1%}"
        f" · validation {logs['val_accuracy']:.2%}"
    )


def train(seed):
    keras.utils.set_random_seed(seed)
    model = build_model()
    optimizer = keras.optimizers.Adam(learning_rate=schedule)
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    history = model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=(x_val, y_val),
        validation_batch_size=1000,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=show_epoch)],
        verbose=0,
    ).history
    return model, history


model, history = train(SEEDS[0])
first_accuracy = history["val_accuracy"][0]
val_accuracy = history["val_accuracy"][-1]
# --8<-- [end:train]

# --8<-- [start:curves]
epochs = range(1, EPOCHS + 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
left.plot([float(schedule(step)) for step in range(n_steps)])
left.set(title="Taux d'apprentissage", xlabel="correction")
right.plot(epochs, history["loss"], marker="o", label="entraînement")
right.plot(epochs, history["val_loss"], marker="s", label="validation")
right.set(title="Perte", xlabel="époque", xticks=epochs)
right.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:evaluate]
test_loss, test_accuracy = model.evaluate(
    x_test, y_test, batch_size=1000, verbose=0
)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.2%}")
# --8<-- [end:evaluate]

# --8<-- [start:seeds]
test_accuracies = [test_accuracy]
for seed in SEEDS[1:]:
    print("Graine", seed)
    other, _ = train(seed)
    _, accuracy = other.evaluate(x_test, y_test, batch_size=1000, verbose=0)
    test_accuracies.append(accuracy)

accuracy_42, accuracy_43, accuracy_44 = test_accuracies
for seed, accuracy in zip(SEEDS, test_accuracies):
    print(f"Test, graine {seed} : {accuracy:.2%}")
mean_accuracy = np.mean(test_accuracies)
worst_accuracy = min(test_accuracies)
# --8<-- [end:seeds]

# --8<-- [start:predict]
logits = model.predict(x_test, batch_size=1000, verbose=0)
probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
predictions = probabilities.argmax(axis=1)
confidences = probabilities.max(axis=1)

for index in range(5):
    print(
        f"vérité {y_test[index]} · réponse {predictions[index]}"
        f" · sûr à {confidences[index]:.1%}"
    )
# --8<-- [end:predict]

# --8<-- [start:mistakes]
mistakes = np.flatnonzero(predictions != y_test)
n_mistakes = len(mistakes)
# Les erreurs les plus sûres d'elles en premier
worst = mistakes[np.argsort(-confidences[mistakes])]

figure, grid = plt.subplots(2, 6, figsize=(9, 3.6))
for axes, index in zip(grid.flat, worst):
    axes.imshow(x_test[index], cmap="gray")
    axes.set_title(f"{y_test[index]} lu {predictions[index]}")
    axes.axis("off")
plt.show()
print(f"{n_mistakes} images mal classées sur {n_test}")
print("Les plus sûres, dans l'ordre de la figure :")
for row in (worst[:6], worst[6:12]):
    print(" · ".join(f"{y_test[n]} lu {predictions[n]}" for n in row))
# --8<-- [end:mistakes]

# --8<-- [start:kernels]
first_conv = model.layers[0]
kernels = first_conv.kernel.numpy()[:, :, 0]  # hauteur, largeur, noyau
stage = keras.Sequential(model.layers[:4])  # le premier étage entier
maps = stage(x_test[:1]).numpy()[0]

limit = np.abs(kernels).max()
figure, grid = plt.subplots(4, 8, figsize=(9, 4.8))
for number in range(16):
    row, column = divmod(number, 8)
    top, bottom = grid[2 * row, column], grid[2 * row + 1, column]
    top.imshow(kernels[..., number], cmap="RdBu", vmin=-limit, vmax=limit)
    bottom.imshow(maps[..., number], cmap="gray")
for axes in grid.flat:
    axes.axis("off")
plt.show()
# --8<-- [end:kernels]

# --8<-- [start:check]
assert worst_accuracy >= 0.99, "une graine sous 99 %"
assert twin_gap < 1e-4, "les deux écritures devraient s'accorder"
assert set(predictions) == set(range(10)), "chiffre jamais prédit"
assert n_parameters < 20_000, "ce réseau devait rester petit"
print("Tout est vrai.")
# --8<-- [end:check]
