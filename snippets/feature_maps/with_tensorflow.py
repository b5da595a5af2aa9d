# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
N_TRAIN = 6_000
BATCH_SIZE = 64
EPOCHS = 2
LEARNING_RATE = 0.002

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:N_TRAIN].astype("float32") / 255
y_train = y_train[:N_TRAIN]
x_test = x_test[::5].astype("float32") / 255
y_test = y_test[::5]
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:load]

# --8<-- [start:define]
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28)),
        keras.layers.Reshape((28, 28, 1)),  # ajouter le canal
        keras.layers.Conv2D(8, 5, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 5, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Permute((3, 1, 2)),  # canaux devant, comme PyTorch
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
n_parameters = model.count_params()
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
initial_kernels = model.layers[1].get_weights()[0].copy()

model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)

test_loss, test_accuracy = model.evaluate(
    x_test, y_test, batch_size=1000, verbose=0
)
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:kernels]
# Un noyau de la première couche : 5 × 5 poids, un seul canal
kernels = model.layers[1].get_weights()[0]
limit = abs(kernels).max()

figure, axes = plt.subplots(2, 8, figsize=(10, 2.8))
for index in range(8):
    for ax, source in zip(axes[:, index], (initial_kernels, kernels)):
        one_kernel = source[:, :, 0, index]
        ax.imshow(one_kernel, cmap="RdBu", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("avant")
axes[1, 0].set_ylabel("après")
plt.show()
# --8<-- [end:kernels]

# --8<-- [start:maps]
image = x_test[:1]
# Un second modèle, mêmes couches et mêmes poids, qui montre ses cartes
viewer = keras.Model(
    model.inputs[0], [model.layers[1].output, model.layers[3].output]
)
first_maps, second_maps = (m.numpy()[0] for m in viewer(image))
print("Première couche :", first_maps.shape)
print("Seconde couche  :", second_maps.shape)

figure, axes = plt.subplots(3, 9, figsize=(10, 3.8))
axes[0, 0].imshow(image[0], cmap="gray")
for ax, one_map in zip(axes[0, 1:], first_maps.transpose(2, 0, 1)):
    ax.imshow(one_map, cmap="viridis")
for ax, one_map in zip(axes[1:, 1:].flat, second_maps.transpose(2, 0, 1)):
    ax.imshow(one_map, cmap="viridis")
axes[0, 0].set_title("image", fontsize=10)
for ax in axes.flat:
    ax.axis("off")
plt.show()
# --8<-- [end:maps]

# --8<-- [start:check]
assert n_parameters == 208 + 3216 + 7850, "paramètres comptés à la main"
assert test_accuracy > 0.9, "exactitude trop basse sur le test"
assert first_maps.shape == (28, 28, 8), "huit cartes de la taille de l'image"
assert second_maps.shape == (14, 14, 16), "seize cartes deux fois plus fines"
assert abs(kernels - initial_kernels).max() > 0.01, "noyaux inchangés"
print("Tout est vrai.")
# --8<-- [end:check]
