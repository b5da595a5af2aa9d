# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 128
EPOCHS = 2
LEARNING_RATE = 0.003
NAMES = ["t-shirt", "pantalon", "pull", "robe", "manteau"]
NAMES += ["sandale", "chemise", "basket", "sac", "bottine"]

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()

x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255
x_val, y_val = x_train[-5000:], y_train[-5000:]
x_train, y_train = x_train[:-5000], y_train[:-5000]
print("Premiers articles :", ", ".join(NAMES[y] for y in y_train[:5]))
# --8<-- [end:load]

# --8<-- [start:define]
model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10),
    ]
)
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
_, val_accuracy = model.evaluate(x_val, y_val, batch_size=1000, verbose=0)
_, test_accuracy = model.evaluate(x_test, y_test, batch_size=1000, verbose=0)
print(f"Exactitude : validation {val_accuracy:.1%}, test {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:confusion]
logits = model.predict(x_test, batch_size=1000, verbose=0)
matrix = confusion_matrix(y_test, logits.argmax(axis=1))
figure, axes = plt.subplots(figsize=(7, 7))
display = ConfusionMatrixDisplay(matrix, display_labels=NAMES)
display.plot(ax=axes, cmap="Blues", colorbar=False, xticks_rotation=45)
axes.set(xlabel="article prédit", ylabel="article réel")
plt.show()

recalls = matrix.diagonal() / matrix.sum(axis=1)
shirt_recall = recalls[NAMES.index("chemise")]
bag_recall = recalls[NAMES.index("sac")]
print(f"Reconnus : chemises {shirt_recall:.0%}, sacs {bag_recall:.0%}")
# --8<-- [end:confusion]

# --8<-- [start:check]
assert test_accuracy > 0.83, "exactitude trop basse"
assert shirt_recall < bag_recall, "la chemise est difficile"
print("Tout est vrai.")
# --8<-- [end:check]
