# --8<-- [start:imports]
import keras
import numpy as np
import tensorflow as tf

# --8<-- [end:imports]

# --8<-- [start:device]
gpus = tf.config.list_physical_devices("GPU")
device = "/GPU:0" if gpus else "/CPU:0"
print("Appareil :", device)
# --8<-- [end:device]

# --8<-- [start:model]
keras.utils.set_random_seed(0)
# Rien à déplacer : TensorFlow place poids et calculs sur le GPU, s'il y en a
model = keras.Sequential(
    [
        keras.Input(shape=(None, None, 3)),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10),
    ]
)

where = {w.value.device.split("device:")[-1] for w in model.weights}
print("Poids sur :", where)
# --8<-- [end:model]

# --8<-- [start:memory]
MB = 1_000_000


def n_bytes(tensors):
    return sum(np.asarray(t).nbytes for t in tensors)


BATCH_SIZE = 64
shape = (BATCH_SIZE, 224, 224, 3)
images = np.random.default_rng(0).random(shape, dtype="float32")
first_maps = model.layers[0](images[:1])

model_mb = n_bytes(model.weights) / MB
image_mb = n_bytes([images[0]]) / MB
batch_mb = n_bytes([images]) / MB
maps_mb = BATCH_SIZE * n_bytes([first_maps]) / MB
print(f"Modèle                    : {model_mb:.2f} Mo")
print(f"Une image 224 × 224       : {image_mb:.2f} Mo")
print(f"Un lot de {BATCH_SIZE} images       : {batch_mb:.1f} Mo")
print(f"Ses cartes, 1re couche    : {maps_mb:.1f} Mo")
# --8<-- [end:memory]

# --8<-- [start:step]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam()
labels = np.random.default_rng(1).integers(0, 10, 8)

# Forcer un appareil : utile pour comparer, rarement nécessaire
small = images[:8, :64, :64]
with tf.device(device), tf.GradientTape() as tape:
    loss = loss_fn(labels, model(small, training=True))
gradients = tape.gradient(loss, model.trainable_variables)
optimizer.apply(gradients, model.trainable_variables)

gradient_mb = n_bytes(gradients) / MB
moments = [v for v in optimizer.variables if v.ndim > 0]
moments_mb = n_bytes(moments) / MB
training_mb = model_mb + gradient_mb + moments_mb
print(
    f"Gradients : {gradient_mb:.2f} Mo · moments d'Adam : {moments_mb:.2f} Mo"
)
print(f"Poids, gradients et moments : {training_mb:.2f} Mo")
# --8<-- [end:step]

# --8<-- [start:precision]
# Ranger les cartes sur 16 bits ; les poids restent sur 32
exact = model.layers[0](small)
maps = tf.cast(exact, "bfloat16")
print("Poids :", model.layers[0].kernel.dtype, "· cartes :", maps.dtype.name)

# Revenir à NumPy, en 32 bits
array = tf.cast(maps, "float32").numpy()
rounding = abs(array - exact.numpy()).max()
print(f"Plus grand écart avec 32 bits : {rounding:.3f}")
# --8<-- [end:precision]

# --8<-- [start:save]
model.save("model.keras")

# Un fichier Keras ne retient pas l'appareil : il se relit partout
restored = keras.models.load_model("model.keras")
print(len(restored.get_weights()), "tenseurs relus")
# --8<-- [end:save]

# --8<-- [start:check]
assert where == {device.strip("/")}, "un poids est resté ailleurs"
assert moments_mb == 2 * gradient_mb, "Adam garde deux nombres par poids"
assert maps.dtype.size == 2, "16 bits : deux octets par nombre"
assert 0 < rounding < 0.1, "moins de bits, donc un arrondi"
print("Tout est vrai.")
# --8<-- [end:check]
