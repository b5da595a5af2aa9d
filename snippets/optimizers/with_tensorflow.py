# --8<-- [start:imports]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

# --8<-- [end:imports]

# --8<-- [start:load]
STEPS = 40

data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
x = ((bmi - 20) / bmi.std()).astype("float32")
y = (data.target - data.target.mean()) / data.target.std()
y = y.astype("float32")
# --8<-- [end:load]

# --8<-- [start:run]
optimizers = {
    "SGD": keras.optimizers.SGD(0.1),
    "élan": keras.optimizers.SGD(0.03, momentum=0.8),
    "RMSprop": keras.optimizers.RMSprop(0.03, rho=0.9),
    "Adam": keras.optimizers.Adam(0.1),
}
finals = {}
for name, optimizer in optimizers.items():
    theta = keras.Variable([0.0, 0.0])
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((theta[0] * x + theta[1] - y) ** 2)
        gradient = tape.gradient(loss, theta.value)
        optimizer.apply([gradient], [theta])
    finals[name] = theta.numpy()
    print(f"{name:8} w {finals[name][0]:.3f} · b {finals[name][1]:.3f}")
# --8<-- [end:run]

# --8<-- [start:check]
best = np.polyfit(x, y, 1)
assert all(np.linalg.norm(t - best) < 0.6 for t in finals.values())
print("Tout est vrai.")
# --8<-- [end:check]
