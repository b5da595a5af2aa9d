# --8<-- [start:imports]
import base64
import json
from pathlib import Path

import keras
import numpy as np
from keras import layers

# --8<-- [end:imports]

# --8<-- [start:read]
content = json.loads(Path("cnn_mnist.json").read_text(encoding="utf-8"))


def integers(layer):
    """Poids d'une couche, entiers de huit bits, à sa forme."""
    raw = base64.b64decode(layer["poids"])
    return np.frombuffer(raw, dtype="int8").reshape(layer["forme"])


stored = content["couches"]
print([layer["forme"] for layer in stored])
# --8<-- [end:read]

# --8<-- [start:data]
_, (images, labels) = keras.datasets.mnist.load_data()
margin = content["image"]["marge"]
window = slice(margin, 28 - margin)
pixels = images[:, window, window, np.newaxis].astype("float32") / 255
pixels = (pixels - content["image"]["moyenne"]) / content["image"]["ecart"]
# --8<-- [end:data]


# --8<-- [start:define]
def convolution(n_maps):
    return [
        layers.Conv2D(n_maps, 5, use_bias=False),
        layers.MaxPooling2D(2),
        layers.BatchNormalization(epsilon=0),
        layers.ReLU(),
    ]


model = keras.Sequential(
    [
        keras.Input(shape=(24, 24, 1)),
        *convolution(16),
        *convolution(48),
        layers.Flatten(),
        layers.Dense(64, use_bias=False),
        layers.BatchNormalization(epsilon=0),
        layers.ReLU(),
        layers.Dense(10),
    ]
)
# --8<-- [end:define]

# --8<-- [start:load]
kernels = [integers(layer).astype("float32") for layer in stored]
# (filtres, canaux, h, l) en PyTorch ; (h, l, canaux, filtres) en Keras
kernels[0] = kernels[0].transpose(2, 3, 1, 0)
kernels[1] = kernels[1].transpose(2, 3, 1, 0)
# À plat, PyTorch lit carte par carte, et Keras pixel par pixel
kernels[2] = kernels[2].reshape(64, 48, 3, 3).transpose(2, 3, 1, 0)
kernels[2] = kernels[2].reshape(-1, 64)
# La dernière couche n'a pas de normalisation : son échelle va aux poids
kernels[3] = (kernels[3] * np.array(stored[3]["echelle"])[:, None]).T

weights = []
for kernel, layer in zip(kernels[:3], stored):
    scale, shift = np.array(layer["echelle"]), np.array(layer["decalage"])
    # Moyenne nulle, variance 1 : il reste échelle et décalage
    weights += [
        kernel,
        scale,
        shift,
        np.zeros_like(scale),
        np.ones_like(scale),
    ]
model.set_weights([*weights, kernels[3], np.array(stored[3]["decalage"])])
n_parameters = sum(kernel.size for kernel in kernels)
print(n_parameters, "poids repris")
# --8<-- [end:load]

# --8<-- [start:judge]
logits = model.predict(pixels, batch_size=1000, verbose=0)
test_accuracy = (logits.argmax(axis=1) == labels).mean()
n_errors = int((logits.argmax(axis=1) != labels).sum())
print(f"{n_errors} erreurs, exactitude {test_accuracy:.2%}")
# --8<-- [end:judge]

# --8<-- [start:check]
assert test_accuracy >= 0.994, "moins de 99,4 % sur les images de test"
print("Tout est vrai.")
# --8<-- [end:check]
