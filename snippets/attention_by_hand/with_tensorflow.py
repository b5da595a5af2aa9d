# --8<-- [start:compare]
import keras
import numpy as np

# Quatre tuiles, des vecteurs de trois nombres
queries, keys, values = np.random.default_rng(1).normal(size=(3, 4, 3))

scores = queries @ keys.T / np.sqrt(3)
weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
by_hand = weights @ values
# Keras attend un lot et des têtes : (1, 4 tuiles, 1 tête, 3 nombres)
outputs = keras.ops.dot_product_attention(
    queries.reshape(1, 4, 1, 3),
    keys.reshape(1, 4, 1, 3),
    values.reshape(1, 4, 1, 3),
)
assert np.allclose(by_hand, outputs[0, :, 0], atol=1e-5), "le même calcul"
print("NumPy et Keras sont d'accord.")
# --8<-- [end:compare]
