"""Référence : un CNN de tutoriel, aux réglages de l'exemple « Simple MNIST convnet » de keras.io.

Deux convolutions 3×3 (32 puis 64 canaux), abandon 0,5, Adam à son taux par défaut, lots de 128, 15 époques
au plus, 10 % de validation, `fit`. Arrêt à la première époque qui atteint 99 % sur le test ; juger n'est pas compté.
Usage : python keras_tutorial.py GRAINE ; imprime une ligne JSON.
"""

import json
import sys
from time import perf_counter

import keras
import numpy as np

keras.utils.set_random_seed(int(sys.argv[1]))
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = np.expand_dims(x_train.astype("float32") / 255, -1)
x_test = np.expand_dims(x_test.astype("float32") / 255, -1)
y_train = keras.utils.to_categorical(y_train, 10)

began = perf_counter()
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
seconds, epochs, accuracy = perf_counter() - began, 0, 0.0
while epochs < 15 and accuracy < 0.99:
    began = perf_counter()
    model.fit(x_train, y_train, batch_size=128, epochs=1, validation_split=0.1, verbose=0)
    seconds += perf_counter() - began
    epochs += 1
    scores = model.predict(x_test, batch_size=1000, verbose=0)
    accuracy = float((scores.argmax(axis=1) == y_test).mean())
print(json.dumps({"graine": int(sys.argv[1]), "secondes": seconds, "exactitude": accuracy, "epoques": epochs}))
