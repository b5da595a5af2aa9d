# --8<-- [start:imports]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

# --8<-- [end:imports]

# --8<-- [start:load]
LEARNING_RATE = 0.1
STEPS = 50
SHOWN = (1, 2, 3, 5, 10, 20, 50)

data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
x = tf.constant((bmi - bmi.mean()) / bmi.std(), dtype=tf.float32)
y = tf.constant(data.target, dtype=tf.float32)


def show(step, loss, w, b):
    print(f"étape {step:2} · perte {float(loss):8.1f}", end="")
    print(f" · w {float(w):6.2f} · b {float(b):6.2f}")


# --8<-- [end:load]

# --8<-- [start:automatic]
w = tf.Variable(0.0)
b = tf.Variable(0.0)
for step in range(1, STEPS + 1):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((w * x + b - y) ** 2)
    grad_w, grad_b = tape.gradient(loss, [w, b])
    w.assign_sub(LEARNING_RATE * grad_w)
    b.assign_sub(LEARNING_RATE * grad_b)
    if step in SHOWN:
        show(step, loss, w, b)
automatic_w, automatic_b = float(w), float(b)
# --8<-- [end:automatic]

# --8<-- [start:optimizer]
model = keras.Sequential(
    [
        keras.Input(shape=(1,)),
        # Partir de zéro, comme à la main
        keras.layers.Dense(1, kernel_initializer="zeros"),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=LEARNING_RATE),
    loss=keras.losses.MeanSquaredError(),
)


def show_epoch(epoch, logs):
    if epoch + 1 in SHOWN:
        kernel, bias = model.get_weights()
        show(epoch + 1, logs["loss"], kernel[0, 0], bias[0])


# Un seul lot de 442 patients : une époque est une étape
model.fit(
    x[:, tf.newaxis],
    y[:, tf.newaxis],
    batch_size=len(x),
    epochs=STEPS,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=show_epoch)],
    verbose=0,
)
kernel, bias = model.get_weights()
final_w, final_b = float(kernel[0, 0]), float(bias[0])
# --8<-- [end:optimizer]

# --8<-- [start:check]
best_w, best_b = np.polyfit(x.numpy(), data.target, 1)
assert np.allclose((automatic_w, automatic_b), (best_w, best_b), atol=0.02)
assert np.allclose((final_w, final_b), (automatic_w, automatic_b), atol=0.01)
print("Tout est vrai.")
# --8<-- [end:check]
