# --8<-- [start:compare]
import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

# Quatre tuiles, des vecteurs de trois nombres
queries, keys, values = np.random.default_rng(1).normal(size=(3, 4, 3))

scores = queries @ keys.T / np.sqrt(3)
weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
by_hand = weights @ values
outputs = scaled_dot_product_attention(
    torch.tensor(queries), torch.tensor(keys), torch.tensor(values)
)
assert np.allclose(by_hand, outputs), "le même calcul"
print("NumPy et PyTorch sont d'accord.")
# --8<-- [end:compare]
