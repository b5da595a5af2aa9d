# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 5
LEARNING_RATE = 0.003

# Même graine, mêmes poids de départ, mêmes lots : l'essai se rejoue
keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

print("Entraînement :", x_train.shape, x_train.dtype)
print("Test         :", x_test.shape, x_test.dtype)
print("Premières étiquettes :", y_train[:10].tolist())
# --8<-- [end:load]

# --8<-- [start:prepare]
# Mettre chaque image à plat, ramener les pixels entre 0 et 1
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

# Réserver 5 000 images d'entraînement pour surveiller l'apprentissage
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]

n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
# --8<-- [end:prepare]

# --8<-- [start:define]
model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10),
    ]
)
n_parameters = model.count_params()
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
# Le modèle sort des scores bruts : la perte applique elle-même softmax
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])


def show_epoch(epoch, logs):
    print(
        f"Époque {epoch + 1}/{EPOCHS}"
        f" · perte {logs['loss']:.3f}"
        f" · exactitude {logs['accuracy']:.1%}"
        f" · validation {logs['val_accuracy']:.1%}"
    )


history = model.fit(
    x_train,
    y_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    validation_data=(x_val, y_val),
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=show_epoch)],
    verbose=0,
).history
first_epoch_accuracy = history["accuracy"][0]
val_accuracy = history["val_accuracy"][-1]
# --8<-- [end:train]

# --8<-- [start:curves]
epochs = range(1, EPOCHS + 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.plot(epochs, history["loss"], marker="o", label="entraînement")
left.plot(epochs, history["val_loss"], marker="s", label="validation")
left.set(title="Perte", xlabel="époque")
right.plot(epochs, history["accuracy"], marker="o", label="entraînement")
right.plot(epochs, history["val_accuracy"], marker="s", label="validation")
right.set(title="Exactitude", xlabel="époque")
left.legend()
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

# --8<-- [start:confusion]
logits = model.predict(x_test, batch_size=1000, verbose=0)
predictions = logits.argmax(axis=1)

matrix = confusion_matrix(y_test, predictions)
figure, axes = plt.subplots(figsize=(6, 6))
ConfusionMatrixDisplay(matrix).plot(ax=axes, cmap="Blues", colorbar=False)
axes.set(xlabel="chiffre prédit", ylabel="chiffre réel")
plt.show()

errors_by_digit = matrix.sum(axis=1) - matrix.diagonal()
worst_digit = int(errors_by_digit.argmax())
n_worst = int(errors_by_digit.max())
print(f"Chiffre le plus souvent manqué : {worst_digit} ({n_worst} fois)")
# --8<-- [end:confusion]

# --8<-- [start:mistakes]
mistakes = np.flatnonzero(predictions != y_test)
n_mistakes = len(mistakes)
print(f"{n_mistakes} images mal classées sur {n_test}")

figure, grid = plt.subplots(2, 6, figsize=(9, 3.6))
for axes, index in zip(grid.flat, mistakes):
    axes.imshow(x_test[index].reshape(28, 28), cmap="gray")
    axes.set_title(f"{y_test[index]} lu {predictions[index]}")
    axes.axis("off")
plt.show()
# --8<-- [end:mistakes]

# --8<-- [start:predict]
image = x_test[:1]
probabilities = keras.ops.softmax(model(image)).numpy()[0]

for digit, probability in enumerate(probabilities):
    print(f"{digit} : {probability:6.1%}")
confidence = probabilities.max()
print("Réponse :", probabilities.argmax(), "· vérité :", y_test[0])
# --8<-- [end:predict]

# --8<-- [start:check]
assert test_accuracy >= 0.97, "exactitude trop basse sur le test"
assert set(predictions) == set(range(10)), "chiffre jamais prédit"
assert np.isclose(probabilities.sum(), 1), "somme différente de 1"
print("Tout est vrai.")
# --8<-- [end:check]
