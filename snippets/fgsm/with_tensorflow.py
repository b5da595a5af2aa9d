# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
BATCH_SIZE = 64
EPOCHS = 2
N_TRAIN = 10_000
N_TEST = 1000
# Changement permis à chaque pixel, qui va de 0 (noir) à 1 (blanc)
SIZES = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:N_TRAIN].astype("float32") / 255
y_train = y_train[:N_TRAIN]
x_test = x_test[:N_TEST].astype("float32") / 255
y_test = y_test[:N_TEST]
print("Entraînement :", x_train.shape)
print("Test         :", x_test.shape)
# --8<-- [end:data]

# --8<-- [start:define]
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28)),
        keras.layers.Reshape((28, 28, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 5, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=0.002)
# --8<-- [end:loss]


# --8<-- [start:train]
def predict(images):
    logits = model.predict(images, batch_size=N_TEST, verbose=0)
    return logits.argmax(axis=1)


def accuracy(images):
    return (predict(images) == y_test).mean()


model.compile(optimizer=optimizer, loss=loss_fn)
model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
clean_accuracy = accuracy(x_test)
print(f"Exactitude sur des images intactes : {clean_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:sign]
# Le gradient de la perte par rapport aux pixels, et non plus aux poids
images = tf.constant(x_test)
with tf.GradientTape() as tape:
    tape.watch(images)
    loss = loss_fn(y_test, model(images))
# -1, 0 ou 1 pour chaque pixel
direction = np.sign(tape.gradient(loss, images))


def attack(size):
    # Un pas dans le sens qui fait monter la perte ; rester entre 0 et 1
    return (x_test + size * direction).clip(0, 1)


def noise(size):
    # Témoin : un pas de même taille, dans un sens tiré au sort
    generator = np.random.default_rng(SEED)
    signs = generator.choice(np.float32([-1, 1]), x_test.shape)
    return (x_test + size * signs).clip(0, 1)


# --8<-- [end:sign]

# --8<-- [start:curve]
attacked = [accuracy(attack(size)) for size in SIZES]
noisy = [accuracy(noise(size)) for size in SIZES]
for size, hit, control in zip(SIZES, attacked, noisy):
    print(f"ε = {size:.2f} · attaque {hit:6.1%} · hasard {control:6.1%}")

figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(SIZES, attacked, marker="o", label="attaque")
axes.plot(SIZES, noisy, marker="s", label="bruit au hasard")
axes.set(xlabel="ε, changement permis par pixel", ylabel="exactitude")
axes.set_ylim(0, 1.02)
axes.legend()
plt.show()
attacked_tenth, noisy_tenth = attacked[2], noisy[2]
attacked_fifth, noisy_fifth = attacked[4], noisy[4]
# --8<-- [end:curve]

# --8<-- [start:images]
size = 0.15
before, after = predict(x_test), predict(attack(size))
fooled = np.flatnonzero((before == y_test) & (after != y_test))[:6]
n_fooled = len(fooled)

figure, grid = plt.subplots(3, 6, figsize=(9, 4.8))
rows = [x_test, size * direction, attack(size)]
for line, (pictures, low) in enumerate(zip(rows, [0, -1, 0])):
    for axes, index in zip(grid[line], fooled):
        axes.imshow(pictures[index], cmap="gray", vmin=low, vmax=1)
        axes.axis("off")
for axes, index in zip(grid[0], fooled):
    axes.set_title(f"lu {before[index]}")
for axes, index in zip(grid[2], fooled):
    axes.set_title(f"lu {after[index]}")
plt.show()
# --8<-- [end:images]

# --8<-- [start:check]
largest_change = np.abs(attack(size) - x_test).max()
assert clean_accuracy > 0.93, "le modèle devrait savoir lire"
assert largest_change < size + 1e-6, "aucun pixel ne change de plus de ε"
assert attacked_fifth < 0.6, "l'attaque devrait réussir"
assert noisy_fifth > attacked_fifth + 0.25, "le bruit devrait peu gêner"
assert n_fooled == 6, "six images trompées à montrer"
print("Tout est vrai.")
# --8<-- [end:check]
