# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 25
EPOCHS = 20
LEARNING_RATE = 0.007

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")

# Mettre le test de côté : ce script ne le regarde pas
x_pool, _, y_pool, _ = train_test_split(
    x, y, test_size=500, random_state=SEED, stratify=y
)
x_many, x_val, y_many, y_val = train_test_split(
    x_pool, y_pool, test_size=400, random_state=SEED, stratify=y_pool
)
# Très peu d'images, exprès : le réseau pourra les retenir par cœur
x_train, y_train = x_many[:100], y_many[:100]
print(f"{len(x_train)} pour apprendre, {len(x_val)} pour régler")
# --8<-- [end:load]


# --8<-- [start:define]
def make_model(hidden=128):
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


model = make_model()
n_parameters = model.count_params()
print(n_parameters, "paramètres pour 100 images")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:loss]


# --8<-- [start:train]
def fit(model, x=x_train, y=y_train, **options):
    """Entraîner ; rend l'historique."""
    optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    return model.fit(
        x,
        y,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_batch_size=1000,
        verbose=0,
        **options,
    ).history


def report(model):
    """Afficher et rendre l'exactitude de validation."""
    results = model.evaluate(
        x_val, y_val, batch_size=1000, verbose=0, return_dict=True
    )
    print(f"validation : exactitude {results['accuracy']:.1%}")
    return results["accuracy"]


history = fit(model, validation_data=(x_val, y_val))
train_loss, val_loss = history["loss"], history["val_loss"]
train_accuracy = history["accuracy"][-1]
print(f"entraînement : exactitude {train_accuracy:.1%}")
base_accuracy = report(model)
base_model = model
# --8<-- [end:train]

# --8<-- [start:curves]
figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(train_loss, label="entraînement")
axes.plot(val_loss, label="validation")
axes.set(title="Perte", xlabel="époque", xlim=(0, EPOCHS), ylim=(0, 2.4))
axes.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:more_data]
model = make_model()
fit(model, x_many[:500], y_many[:500])
more_accuracy = report(model)
# --8<-- [end:more_data]

# --8<-- [start:smaller]
model = make_model(hidden=16)
small_parameters = model.count_params()
print(small_parameters, "paramètres")
fit(model)
report(model)
# --8<-- [end:smaller]


# --8<-- [start:penalty]
def make_penalized(regularizer):
    hidden = {"activation": "relu", "kernel_regularizer": regularizer}
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(128, **hidden),
            keras.layers.Dense(128, **hidden),
            keras.layers.Dense(10, kernel_regularizer=regularizer),
        ]
    )


def show_near_zero(name, model):
    """Part des poids de la première couche presque nuls."""
    weights = model.layers[0].get_weights()[0]
    share = np.mean(np.abs(weights) < 0.01)
    print(f"{name} : {share:.0%} de poids presque nuls")
    return share


base_share = show_near_zero("sans pénalité", base_model)

model = make_penalized(keras.regularizers.L1(0.0003))
fit(model)
l1_share = show_near_zero("L1", model)
report(model)

model = make_penalized(keras.regularizers.L2(0.003))
fit(model)
l2_share = show_near_zero("L2", model)
report(model)
# --8<-- [end:penalty]

# --8<-- [start:dropout]
model = keras.Sequential(
    [
        keras.Input(shape=(64,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(10),
    ]
)
fit(model)
report(model)
# --8<-- [end:dropout]

# --8<-- [start:early_stopping]
model = make_model()
stopper = keras.callbacks.EarlyStopping(
    monitor="val_loss", patience=5, restore_best_weights=True
)
history = fit(model, validation_data=(x_val, y_val), callbacks=[stopper])
n_epochs = len(history["loss"])
print(n_epochs, "époques sur", EPOCHS)
report(model)
# --8<-- [end:early_stopping]

# --8<-- [start:augmentation]
# Décaler chaque image d'un pixel au plus, à l'entraînement seulement
shift = keras.layers.RandomTranslation(
    1 / 8, 1 / 8, fill_mode="constant", interpolation="nearest"
)
model = keras.Sequential(
    [
        keras.Input(shape=(64,)),
        keras.layers.Reshape((8, 8, 1)),
        shift,
        keras.layers.Flatten(),
        *make_model().layers,
    ]
)
fit(model)
report(model)
# --8<-- [end:augmentation]

# --8<-- [start:check]
assert train_accuracy > 0.99, "le réseau devait retenir ses 100 images"
assert train_loss[-1] < val_loss[-1] / 3, "les courbes devaient s'écarter"
assert more_accuracy > base_accuracy, "plus de données devait aider"
assert small_parameters < n_parameters / 10
assert n_epochs <= EPOCHS
assert l1_share > 2 * base_share, "L1 devait annuler des poids"
print("Tout est vrai.")
# --8<-- [end:check]
