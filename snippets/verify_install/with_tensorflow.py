# --8<-- [start:imports]
import platform
import sys

import keras
import tensorflow as tf

# --8<-- [end:imports]

# --8<-- [start:versions]
n_gpus = len(tf.config.list_physical_devices("GPU"))

print("Python     :", platform.python_version())
print("TensorFlow :", tf.__version__)
print("Keras      :", keras.__version__)
print("GPU        :", n_gpus)
# --8<-- [end:versions]

# --8<-- [start:compute]
# La pente de x² est 2x : en x = 3, on attend 9 et 6
x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = x**2
value, gradient = float(y), float(tape.gradient(y, x))

print("Valeur   :", value)
print("Gradient :", gradient)
print("Appareil :", y.device.split("device:")[-1])
# --8<-- [end:compute]

# --8<-- [start:check]
python = sys.version_info[:2]
assert (3, 11) <= python <= (3, 13), "prendre Python 3.11, 3.12 ou 3.13"
assert (value, gradient) == (9, 6), "calcul faux : réinstaller TensorFlow"
print("Installation vérifiée.")
# --8<-- [end:check]
