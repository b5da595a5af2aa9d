# --8<-- [start:data]
import warnings

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

EPOCHS = 8

images, digits = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(
    (images / 16).astype("float32"),
    digits,
    test_size=0.3,
    stratify=digits,
    random_state=0,
)
print(len(x_train), "images pour apprendre,", len(x_val), "pour comparer")
# --8<-- [end:data]

# --8<-- [start:train]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train(batches, last=None, dropout=0.0):
    keras.utils.set_random_seed(0)  # mêmes poids de départ à chaque essai
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(10, activation=last),
        ]
    )
    optimizer = keras.optimizers.SGD(learning_rate=0.1)
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    # `fit` ne mélange pas un `Dataset` : le dire évite un avertissement
    model.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0)
    return model


def accuracy(model, **options):
    answers = np.argmax(model(x_val, **options), axis=1)
    return (answers == y_val).mean()


examples = tf.data.Dataset.from_tensor_slices((x_train, y_train))
shuffled = examples.shuffle(len(x_train), seed=0).batch(32)
reference = accuracy(train(shuffled))
print(f"Référence : {reference:.1%}")
# --8<-- [end:train]

# --8<-- [start:softmax]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    double = train(shuffled, last="softmax")
messages = {str(warning.message).split(". ")[0] for warning in caught}
double_accuracy = accuracy(double)
print(f"Sans softmax : {reference:.1%}")
print(f"Avec softmax : {double_accuracy:.1%}")
print("Avertissement :", *(message[:62] + "…" for message in messages))
# --8<-- [end:softmax]

# --8<-- [start:order]
order = np.argsort(y_train, kind="stable")  # tous les 0, puis tous les 1…
sorted_examples = (x_train[order], y_train[order])
in_order = tf.data.Dataset.from_tensor_slices(sorted_examples).batch(32)
first_labels = next(iter(in_order))[1]
print("Premier lot :", np.unique(first_labels).tolist())

sorted_accuracy = accuracy(train(in_order))
print(f"Lots mélangés : {reference:.1%}")
print(f"Lots triés    : {sorted_accuracy:.1%}")
# --8<-- [end:order]

# --8<-- [start:dropout]
model = train(shuffled, dropout=0.5)
eval_accuracy = accuracy(model)
# Dans une boucle à la main, `training=True` mis au mauvais endroit
forgotten_accuracy = accuracy(model, training=True)
first = np.argmax(model(x_val, training=True), axis=1)
second = np.argmax(model(x_val, training=True), axis=1)
n_changed = int((first != second).sum())

print(f"Mode évaluation   : {eval_accuracy:.1%}")
print(f"Mode entraînement : {forgotten_accuracy:.1%}")
print(f"Réponses changées d'un appel à l'autre : {n_changed}")
# --8<-- [end:dropout]

# --8<-- [start:check]
assert reference > 0.9, "la référence doit bien apprendre"
assert messages and abs(double_accuracy - reference) < 0.03, "Keras répare"
assert sorted_accuracy < reference - 0.1, "le tri doit coûter"
assert forgotten_accuracy < eval_accuracy, "l'abandon doit coûter"
assert n_changed > 0, "l'abandon doit faire varier les réponses"
print("Tout est vrai.")
# --8<-- [end:check]
