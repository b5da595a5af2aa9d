# --8<-- [start:faulty]
import keras

image = keras.ops.zeros((28, 28, 1))
layer = keras.layers.Conv2D(8, kernel_size=3)
features = layer(image)
# --8<-- [end:faulty]
