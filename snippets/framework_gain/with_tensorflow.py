# --8<-- [start:imports]
import inspect
import subprocess
import sys

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:data]
images, digits = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    (images / 16).astype("float32"), digits, test_size=500, random_state=0
)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1, b1 = rng.normal(0, 0.2, (64, 32)), np.zeros(32)
w2, b2 = rng.normal(0, 0.2, (32, 10)), np.zeros(10)
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:data]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:define]
def build(hidden_sizes):
    model = keras.Sequential([keras.Input(shape=(64,))])
    for size in hidden_sizes:
        model.add(keras.layers.Dense(size, activation="relu"))
    model.add(keras.layers.Dense(10))
    return model


def train(model, optimizer, steps):
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    # Un seul lot, répété : chaque pas voit toutes les images
    batch = tf.data.Dataset.from_tensors((x_train, y_train))
    model.fit(batch.repeat(steps), shuffle=False, verbose=0)


def evaluate(model, x, y):
    return model.evaluate(x, y, verbose=0)


model = build([32])
model.set_weights([w1, b1, w2, b2])
# --8<-- [end:define]

# --8<-- [start:train]
train(model, keras.optimizers.SGD(learning_rate=0.5), steps=100)
test_loss, test_accuracy = evaluate(model, x_test, y_test)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:change]
# La demande : une couche cachée de plus, et Adam à la place du pas fixe
keras.utils.set_random_seed(0)
deep = build([32, 32])
train(deep, keras.optimizers.Adam(learning_rate=0.01), steps=60)
deep_accuracy = evaluate(deep, x_test, y_test)[1]
print(f"Exactitude sur le test : {deep_accuracy:.1%}")
# --8<-- [end:change]


# --8<-- [start:lines]
def count_lines(*functions):
    # Les lignes de code : ni les vides, ni les commentaires
    text = "".join(inspect.getsource(function) for function in functions)
    lines = [line.strip() for line in text.splitlines()]
    return sum(bool(line) and line[0] != "#" for line in lines)


n_lines = count_lines(build, train, evaluate)
print(n_lines, "lignes, pour les deux réseaux")
# --8<-- [end:lines]

# --8<-- [start:deploy]
model.export("digits.tflite", format="litert", verbose=False)
answers = model.predict(x_test, verbose=0).argmax(axis=1)
np.savez("question.npz", x=x_test, answers=answers)

# Un autre processus, sans TensorFlow, relit le modèle entier
PROGRAM = r"""
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

data = np.load("question.npz")
interpreter = Interpreter("digits.tflite", num_threads=1)
(name,) = interpreter.get_signature_list()
run = interpreter.get_signature_runner(name)
(field,) = run.get_input_details()
answers = []
for x in data["x"]:
    (logits,) = run(**{field: x[None]}).values()
    answers.append(logits.argmax())
print("Réponses identiques :", (data["answers"] == answers).sum())
print("TensorFlow chargé :", "tensorflow" in sys.modules)
"""
command = [sys.executable, "-c", PROGRAM]
done = subprocess.run(command, capture_output=True, text=True, check=True)
print(done.stdout.strip())
# --8<-- [end:deploy]

# --8<-- [start:check]
# La perte que trouvent aussi les deux autres scripts
assert np.isclose(test_loss, 0.196, atol=0.002)
assert test_accuracy > 0.9 and deep_accuracy > 0.9, "trop peu d'exactitude"
assert "identiques : 500" in done.stdout, "l'autre processus répond autrement"
assert "False" in done.stdout, "TensorFlow était là"
print("Tout est vrai.")
# --8<-- [end:check]
