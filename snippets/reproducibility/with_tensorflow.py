# --8<-- [start:imports]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:settings]
EPOCHS = 3
BATCH_SIZE = 32
LEARNING_RATE = 0.005
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
# Le découpage aussi se tire au hasard : sa graine est à part, et fixe
x_train, x_val, y_train, y_val = train_test_split(
    x, y, test_size=400, stratify=y, random_state=0
)
n_val = len(x_val)
# --8<-- [end:data]


# --8<-- [start:define]
def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


model = build_model()
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]

# --8<-- [start:train]
# Une opération qui ne sait pas se répéter lèvera une erreur
tf.config.experimental.enable_op_determinism()


def train(seed):
    keras.utils.set_random_seed(seed)  # Python, NumPy et TensorFlow
    model = build_model()
    optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
    model.compile(optimizer=optimizer, loss=loss_fn)
    model.fit(x_train, y_train, BATCH_SIZE, EPOCHS, verbose=0)
    weights = np.concatenate([w.ravel() for w in model.get_weights()])
    predictions = model(x_val, training=False).numpy().argmax(axis=1)
    return weights, (predictions == y_val).mean()


# --8<-- [end:train]


# --8<-- [start:same]
first_weights, first_accuracy = train(seed=42)
again_weights, again_accuracy = train(seed=42)
other_weights, other_accuracy = train(seed=43)

same_seed_gap = np.abs(first_weights - again_weights).max()
other_seed_gap = np.abs(first_weights - other_weights).max()
print("Graine 42 deux fois, poids identiques :", same_seed_gap == 0)
print("Graines 42 et 43, poids identiques    :", other_seed_gap == 0)
# --8<-- [end:same]

# --8<-- [start:spread]
accuracies = [first_accuracy, other_accuracy]  # graines 42 et 43
accuracies += [train(seed)[1] for seed in range(44, 48)]
accuracies = np.array(accuracies)
mean_accuracy = accuracies.mean()
# La dispersion se donne en points d'exactitude
std_accuracy = 100 * accuracies.std(ddof=1)
range_accuracy = 100 * (accuracies.max() - accuracies.min())
print("Exactitudes :", " ".join(f"{value:.1%}" for value in accuracies))
print(f"{mean_accuracy:.1%} en moyenne, écart-type {std_accuracy:.1f} point")
# --8<-- [end:spread]

# --8<-- [start:sources]
# Un tirage de plus avant de construire le modèle, et tout change
keras.utils.set_random_seed(42)
expected = build_model().get_weights()[0][0, 0]
keras.utils.set_random_seed(42)
keras.random.uniform((1,))  # par exemple, une ligne de débogage
shifted = build_model().get_weights()[0][0, 0]
print("Premier poids inchangé :", expected == shifted)
# --8<-- [end:sources]

# --8<-- [start:order]
# Les mêmes nombres, additionnés dans un autre ordre
values = np.random.default_rng(0).normal(size=100_000).astype("float32")
forward = np.add.accumulate(values)[-1]
backward = np.add.accumulate(values[::-1])[-1]
exact = values.astype("float64").sum()
print(f"à l'endroit : {forward:.5f} · à l'envers : {backward:.5f}")
print(f"en double précision : {exact:.5f}")
order_gap = abs(float(forward) - float(backward))
# --8<-- [end:order]

# --8<-- [start:check]
assert same_seed_gap == 0, "même graine, poids différents"
assert first_accuracy == again_accuracy, "même graine, autre exactitude"
assert other_seed_gap > 0, "deux graines, mêmes poids"
assert range_accuracy > 0, "aucune dispersion entre graines"
assert expected != shifted, "un tirage de plus n'a rien changé"
assert 0 < order_gap < 1, "l'ordre des sommes devrait changer les décimales"
print("Tout est vrai.")
# --8<-- [end:check]
