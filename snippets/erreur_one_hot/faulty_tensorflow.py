# --8<-- [start:faulty]
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(3)])
loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
model.compile(loss=loss_fn)

x = np.zeros((8, 4))
labels = np.array([0, 1, 2, 0, 1, 2, 0, 1])
model.fit(x, labels, verbose=0)
# --8<-- [end:faulty]
