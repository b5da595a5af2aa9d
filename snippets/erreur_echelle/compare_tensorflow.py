# --8<-- [start:data]
import keras
import numpy as np

# 2 000 images pour apprendre, 1 000 pour comparer : l'essai reste court
(images, digits), _ = keras.datasets.mnist.load_data()
raw_train = images[:2000].reshape(-1, 784).astype("float32")
raw_val = images[2000:3000].reshape(-1, 784).astype("float32")
y_train, y_val = digits[:2000], digits[2000:3000]
x_train, x_val = raw_train / 255, raw_val / 255


def train(x, loss_fn):
    keras.utils.set_random_seed(0)  # mêmes poids de départ
    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    optimizer = keras.optimizers.SGD(learning_rate=0.1)
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    model.fit(x, y_train, batch_size=32, epochs=4, verbose=0)
    return model


def accuracy(model, x):
    return model.evaluate(x, y_val, batch_size=1000, verbose=0)[1]


right_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
good = train(x_train, right_loss)
reference = accuracy(good, x_val)
print(f"Référence : {reference:.1%}")
# --8<-- [end:data]

# --8<-- [start:scale]
raw_accuracy = accuracy(train(raw_train, right_loss), raw_val)
print(f"Pixels de 0 à 1   : {reference:.1%}")
print(f"Pixels de 0 à 255 : {raw_accuracy:.1%}")
# --8<-- [end:scale]

# --8<-- [start:serving]
# Le bon modèle, mais des images noires sur blanc, comme un scan
inverted_accuracy = accuracy(good, 1 - x_val)
print(f"Préparation de l'entraînement : {reference:.1%}")
print(f"Autre préparation             : {inverted_accuracy:.1%}")
# --8<-- [end:serving]

# --8<-- [start:logits]
# Sans from_logits, la perte prend les scores pour des probabilités
wrong_loss = keras.losses.SparseCategoricalCrossentropy()
wrong_accuracy = accuracy(train(x_train, wrong_loss), x_val)
print(f"from_logits=True : {reference:.1%}")
print(f"Oubli            : {wrong_accuracy:.1%}")
# --8<-- [end:logits]

# --8<-- [start:rate]
# Données synthétiques : une droite, y = 3x + 2
line_x = np.linspace(-1, 1, 100, dtype="float32").reshape(-1, 1)
line_y = 3 * line_x + 2


def fit_line(learning_rate):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss="mse")
    fit = model.fit(line_x, line_y, batch_size=100, epochs=20, verbose=0)
    return fit.history["loss"]


huge, moderate = fit_line(100.0), fit_line(0.5)
for epoch in (1, 2, 3, 10, 20):
    print(
        f"Époque {epoch:2d} · taux 100 : {huge[epoch - 1]:7.0e}"
        f" · taux 0,5 : {moderate[epoch - 1]:7.0e}"
    )
first_bad = int(np.flatnonzero(~np.isfinite(huge))[0]) + 1
print("Première époque sans nombre fini :", first_bad)
# --8<-- [end:rate]

# --8<-- [start:check]
assert reference > 0.75, "la référence doit apprendre"
assert raw_accuracy < reference - 0.1, "les pixels bruts doivent coûter"
assert inverted_accuracy < reference - 0.1, "la préparation doit compter"
assert wrong_accuracy < reference - 0.1, "l'oubli doit coûter"
assert np.isnan(huge[-1]), "la perte doit finir en `nan`"
assert moderate[-1] < 0.01, "un taux modéré doit apprendre"
print("Tout est vrai.")
# --8<-- [end:check]
