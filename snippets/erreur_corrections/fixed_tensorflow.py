# --8<-- [start:shape]
import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

images = np.zeros((32, 28, 28), dtype="float32")
dense = keras.layers.Dense(10)
dense.build((None, 784))
try:
    dense(images)
except ValueError as error:
    print(error)

# `Flatten` met chaque image à plat et garde la dimension du lot
flat = keras.layers.Flatten()(images)
logits = dense(flat)
print(images.shape, "→", tuple(flat.shape), "→", tuple(logits.shape))
# --8<-- [end:shape]

# --8<-- [start:batch]
image = keras.ops.zeros((28, 28, 1))
layer = keras.layers.Conv2D(8, kernel_size=3)

# Un lot d'une seule image
batch = image[None]
features = layer(batch)
print(tuple(image.shape), "→", tuple(batch.shape))

# Pour lire le résultat, retirer la dimension ajoutée
print(tuple(features[0].shape))
# --8<-- [end:batch]

# --8<-- [start:channels]
layer = keras.layers.Conv2D(8, kernel_size=3)
layer.build((None, 32, 32, 3))
photos = np.zeros((4, 3, 32, 32), dtype="float32")  # l'ordre de PyTorch
try:
    layer(photos)
except ValueError as error:
    print(error)

# Amener les canaux à la fin
photos = np.transpose(photos, (0, 2, 3, 1))
print(photos.shape, "→", tuple(layer(photos).shape))
# --8<-- [end:channels]

# --8<-- [start:dtype]
counts = tf.constant([1, 2, 3])
weights = tf.constant([0.5, 0.25, 0.125])
total = tf.reduce_sum(tf.cast(counts, tf.float32) * weights)
print(total.numpy())

# Même famille : les nombres à virgule de NumPy sont en double précision
try:
    tf.constant(np.ones((2, 3))) @ tf.ones((3, 1))
except tf.errors.InvalidArgumentError as error:
    print(error)
product = tf.constant(np.ones((2, 3), dtype="float32")) @ tf.ones((3, 1))
print(product.dtype)
# --8<-- [end:dtype]

# --8<-- [start:assign]
# Un nouveau tenseur, une case changée
image = tf.zeros((2, 2))
image = tf.tensor_scatter_nd_update(image, [[0, 0]], [1.0])
print(image.numpy().tolist())

# Une variable, faite pour changer
canvas = tf.Variable(tf.zeros((2, 2)))
canvas[0, 0].assign(1.0)
print(canvas.numpy().tolist())
# --8<-- [end:assign]

# --8<-- [start:one_hot]
logits = np.zeros((4, 3), dtype="float32")
labels = np.array([0, 2, 1, 0])
one_hot = keras.utils.to_categorical(labels, num_classes=3)
sparse_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
full_loss = keras.losses.CategoricalCrossentropy(from_logits=True)

# À chaque écriture sa perte ; le résultat est le même
first = float(sparse_loss(labels, logits))
second = float(full_loss(one_hot, logits))
print(f"Entiers : {first:.3f} · one-hot : {second:.3f}")

# L'inverse de l'erreur précédente
try:
    sparse_loss(one_hot, logits)
except ValueError as error:
    print(error)
# --8<-- [end:one_hot]

# --8<-- [start:binary]
logits = np.zeros((8, 10), dtype="float32")
digits = np.array([0, 1, 2, 3, 4, 5, 6, 7])
binary_loss = keras.losses.BinaryCrossentropy(from_logits=True)
try:
    binary_loss(digits, logits)
except ValueError as error:
    print(error)

# Dix classes, ou une seule sortie pour deux classes
ten_loss = float(sparse_loss(digits, logits))
is_even = (digits % 2 == 0).astype("float32").reshape(-1, 1)
two_loss = float(binary_loss(is_even, logits[:, :1]))
print(f"Dix classes : {ten_loss:.2f} · deux classes : {two_loss:.2f}")
# --8<-- [end:binary]

# --8<-- [start:tape]
weight = tf.Variable(3.0)
with tf.GradientTape() as tape:
    loss = weight**2
print("Premier gradient :", tape.gradient(loss, weight).numpy())
try:
    tape.gradient(loss, weight)
except RuntimeError as error:
    print(error)

# Une bande neuve à chaque tour
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = weight**2
    weight.assign_sub(0.1 * tape.gradient(loss, weight))
print(f"Poids après trois corrections : {weight.numpy():.3f}")
# --8<-- [end:tape]

# --8<-- [start:lost_gradient]
model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD()
x = np.ones((4, 2), dtype="float32")
with tf.GradientTape() as tape:
    scores = model(x).numpy()  # quitte TensorFlow : la bande n'en sait rien
    loss = tf.reduce_mean(scores)
gradients = tape.gradient(loss, model.trainable_variables)
print("Gradients :", gradients)
try:
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
except ValueError as error:
    print(error)

# Rester dans TensorFlow jusqu'à la perte
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(model(x))
gradients = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(gradients, model.trainable_variables))
print("Formes :", [tuple(gradient.shape) for gradient in gradients])
# --8<-- [end:lost_gradient]

# --8<-- [start:compile]
model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(3)])
model.compile(optimizer="adam", loss=sparse_loss)
history = model.fit(np.zeros((8, 4)), np.zeros(8), verbose=0).history
print("Perte suivie :", list(history))
# --8<-- [end:compile]

# --8<-- [start:cardinality]
x, y = np.zeros((8, 4)), np.zeros(7)
try:
    model.fit(x, y, verbose=0)
except ValueError as error:
    print(error)

# Filtrer les exemples et leurs étiquettes avec le même masque
table = np.array([[1.0, 2.0], [np.nan, 1.0], [0.0, 3.0]])
targets = np.array([0, 1, 2])
complete = ~np.isnan(table).any(axis=1)
x, y = table[complete], targets[complete]
print(x.shape, y.shape)
# --8<-- [end:cardinality]

# --8<-- [start:check]
assert np.isclose(total, 1.375), "somme pondérée fausse"
assert np.isclose(first, second), "les deux écritures doivent s'accorder"
assert np.array_equal(image, canvas), "les deux corrections diffèrent"
assert None not in gradients, "un gradient est perdu"
assert len(x) == len(y), "autant d'exemples que d'étiquettes"
print("Tout est vrai.")
# --8<-- [end:check]
