# --8<-- [start:data]
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

x, y = load_diabetes(return_X_y=True, scaled=False)
x = (x - x.mean(axis=0)) / x.std(axis=0)
y = ((y - y.mean()) / y.std()).reshape(-1, 1)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1 = tf.Variable(rng.normal(size=(10, 8)) / 3)
b1 = tf.Variable(np.zeros(8))
w2 = tf.Variable(rng.normal(size=(8, 1)) / 3)
b2 = tf.Variable(np.zeros(1))
# --8<-- [end:data]


# --8<-- [start:forward]
def forward():
    hidden = tf.tanh(x @ w1 + b1)
    prediction = hidden @ w2 + b2
    return tf.reduce_mean((prediction - y) ** 2)


first_loss = float(forward())
print(f"Perte de départ : {first_loss:.6f}")
# --8<-- [end:forward]


# --8<-- [start:backward]
def gradients():
    # La bande note chaque opération, puis se rembobine
    with tf.GradientTape() as tape:
        loss = forward()
    return tape.gradient(loss, [w1, b1, w2, b2])


first_gradients = gradients()
for name, gradient in zip(["w1", "b1", "w2", "b2"], first_gradients):
    total = float(tf.reduce_sum(gradient))
    print(name, tuple(gradient.shape), f"somme {total:+.6f}")
# --8<-- [end:backward]

# --8<-- [start:train]
for _ in range(200):
    for weight, gradient in zip([w1, b1, w2, b2], gradients()):
        weight.assign_sub(0.1 * gradient)
last_loss = float(forward())
print(f"Perte après 200 pas : {last_loss:.6f}")
# --8<-- [end:train]

# --8<-- [start:check]
# Les nombres que trouvent aussi les deux autres scripts
assert np.isclose(first_loss, 1.096100, atol=1e-6)
assert np.isclose(np.sum(first_gradients[0]), 0.646839, atol=1e-6)
assert np.isclose(last_loss, 0.449570, atol=1e-6)
print("Tout est vrai.")
# --8<-- [end:check]
