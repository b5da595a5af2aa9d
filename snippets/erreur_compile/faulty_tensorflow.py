# --8<-- [start:faulty]
import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(3)])
model.fit(np.zeros((8, 4)), np.zeros(8))
# --8<-- [end:faulty]
