# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
N_TRAIN = 1000
BATCH_SIZE = 50
EPOCHS = 8
RATE = 0.003
keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
(x_pool, y_pool), _ = keras.datasets.mnist.load_data()
# Ajouter le canal, retirer deux pixels de bord, presque toujours noirs
x_pool = x_pool[:, 2:-2, 2:-2, np.newaxis].astype("float32") / 255
x_val, y_val = x_pool[-2500:], y_pool[-2500:]
rows = np.random.default_rng(SEED).permutation(57_500)[:N_TRAIN]
x_train, y_train = x_pool[rows], y_pool[rows]
print(f"entraînement {len(x_train)}, validation {len(x_val)}")
# --8<-- [end:load]


# --8<-- [start:define]
def build(norm=False, dropout=0.0, l2=0.0):
    penalty = keras.regularizers.L2(l2) if l2 else None

    def convolution(n_maps):
        found = [layers.Conv2D(n_maps, 5, kernel_regularizer=penalty)]
        found.append(layers.MaxPooling2D(2))
        if norm:
            found.append(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        return [*found, layers.ReLU()]

    return keras.Sequential(
        [
            keras.Input(shape=(24, 24, 1)),
            *convolution(8),
            *convolution(16),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(10, kernel_regularizer=penalty),
        ]
    )


model = build()
n_parameters = model.count_params()
print(n_parameters, "paramètres pour", N_TRAIN, "images")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:run]
def attempt(name, build_model=build, make_optimizer=keras.optimizers.Adam):
    keras.utils.set_random_seed(SEED)
    model = build_model()
    model.compile(make_optimizer(RATE), loss_fn, metrics=["accuracy"])
    model.fit(
        x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0
    )
    _, accuracy = model.evaluate(x_val, y_val, batch_size=1000, verbose=0)
    print(f"{name} : validation {accuracy:.1%}")
    return accuracy


base_accuracy = attempt("témoin")
# --8<-- [end:run]

# --8<-- [start:norm]
norm_accuracy = attempt("normalisation par lots", lambda: build(norm=True))
# --8<-- [end:norm]

# --8<-- [start:dropout]
dropout_accuracy = attempt("abandon", lambda: build(dropout=0.5))
# --8<-- [end:dropout]


# --8<-- [start:penalty]
def adamw(rate):
    return keras.optimizers.AdamW(rate, weight_decay=0.1)


l2_accuracy = attempt("pénalité L2", lambda: build(l2=0.0005))
decay_accuracy = attempt("décroissance", make_optimizer=adamw)
# --8<-- [end:penalty]

# --8<-- [start:moves]
shift = layers.RandomTranslation(2 / 24, 2 / 24, fill_mode="constant", seed=0)


def build_shifted():
    # La couche décale à l'entraînement, et laisse passer à l'évaluation
    return keras.Sequential([keras.Input((24, 24, 1)), shift, build()])


moves_accuracy = attempt("décalages", build_shifted)

images = np.repeat(x_train[:1], 6, axis=0)
figure, grid = plt.subplots(1, 6, figsize=(9, 1.9))
for axes, image in zip(grid, shift(images, training=True).numpy()):
    axes.imshow(image, cmap="gray")
    axes.axis("off")
plt.show()
unchanged = np.allclose(shift(images, training=False), images)
print("à l'évaluation, images intactes :", unchanged)
# --8<-- [end:moves]

# --8<-- [start:cycle]
n_steps = EPOCHS * len(range(0, N_TRAIN, BATCH_SIZE))


def cycled_adam(rate):
    # Deux fois plus haut au sommet : le même taux en moyenne
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=rate / 12.5,
        warmup_target=2 * rate,
        warmup_steps=n_steps // 4,
        decay_steps=n_steps - n_steps // 4,
    )
    return keras.optimizers.Adam(schedule)


cycle_accuracy = attempt("taux en un cycle", make_optimizer=cycled_adam)
# --8<-- [end:cycle]

# --8<-- [start:check]
accuracies = [base_accuracy, norm_accuracy, dropout_accuracy, l2_accuracy]
accuracies += [decay_accuracy, moves_accuracy, cycle_accuracy]
assert min(accuracies) > 0.85, "un essai n'a pas appris"
assert unchanged, "l'augmentation doit se taire à l'évaluation"
print("Tout est vrai.")
# --8<-- [end:check]
