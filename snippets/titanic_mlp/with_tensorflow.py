# --8<-- [start:imports]
import keras
import tensorflow as tf
from sklearn.compose import make_column_transformer
from sklearn.datasets import fetch_openml
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 32
EPOCHS = 20
LEARNING_RATE = 0.003
NUMBERS = ["age", "sibsp", "parch", "fare"]
CATEGORIES = ["pclass", "sex", "embarked"]

keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
table = fetch_openml(data_id=40945, as_frame=True, parser="liac-arff").frame
labels = table["survived"].astype(int)
# Ne garder que ce que l'on savait avant le naufrage
features = table[NUMBERS + CATEGORIES]

rest, test, y_rest, y_test = train_test_split(
    features, labels, test_size=0.2, stratify=labels, random_state=SEED
)
train, val, y_train, y_val = train_test_split(
    rest, y_rest, test_size=0.25, stratify=y_rest, random_state=SEED
)
# --8<-- [end:load]

# --8<-- [start:prepare]
prepare = make_column_transformer(
    (
        make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
        NUMBERS,
    ),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
)
# Apprendre médianes, moyennes et catégories sur l'entraînement seul
x_train = prepare.fit_transform(train).astype("float32")
x_val = prepare.transform(val).astype("float32")
x_test = prepare.transform(test).astype("float32")
y_train, y_val, y_test = (y.to_numpy() for y in (y_train, y_val, y_test))

print("Entrées :", x_train.shape, x_train.dtype)
print("Premier passager :", *x_train[0].round(2))
# --8<-- [end:prepare]

# --8<-- [start:window]
# Le mélange se fait dans une fenêtre : la voici trop petite
narrow = tf.data.Dataset.range(20).shuffle(3, seed=SEED)
whole = tf.data.Dataset.range(20).shuffle(20, seed=SEED)
narrow_order = [int(i) for i in narrow]
whole_order = [int(i) for i in whole]
print("Fenêtre de 3  :", *narrow_order)
print("Fenêtre de 20 :", *whole_order)
# --8<-- [end:window]

# --8<-- [start:loaders]
train_data = (
    tf.data.Dataset.from_tensor_slices((x_train, y_train))
    .shuffle(len(x_train), seed=SEED)  # mélanger à chaque époque
    .batch(BATCH_SIZE)  # grouper en lots
    .prefetch(tf.data.AUTOTUNE)  # préparer le suivant d'avance
)
val_data = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(1000)
test_data = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(1000)

sizes = [len(batch_labels) for _, batch_labels in train_data]
n_batches, last_size = len(sizes), sizes[-1]
print(n_batches, "lots, le dernier de", last_size, "lignes")
# --8<-- [end:loaders]

# --8<-- [start:define]
model = keras.Sequential(
    [
        keras.Input(shape=(12,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(2),
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
model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])


def show_epoch(epoch, logs):
    if (epoch + 1) % 5 == 0:
        print(
            f"Époque {epoch + 1:2}/{EPOCHS}"
            f" · perte {logs['loss']:.3f}"
            f" · validation {logs['val_accuracy']:.1%}"
        )


history = model.fit(
    train_data,
    epochs=EPOCHS,
    validation_data=val_data,
    shuffle=False,  # tf.data s'en charge déjà
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=show_epoch)],
    verbose=0,
).history
val_accuracy = history["val_accuracy"][-1]
# --8<-- [end:train]

# --8<-- [start:evaluate]
_, test_accuracy = model.evaluate(test_data, verbose=0)
women_accuracy = (y_test == (test["sex"] == "female")).mean()
print(f"Règle « seules les femmes » : {women_accuracy:.1%}")
print(f"Réseau                      : {test_accuracy:.1%}")
# --8<-- [end:evaluate]

# --8<-- [start:check]
assert sum(sizes) == len(x_train), "ligne oubliée par les lots"
assert sorted(whole_order) == list(range(20)), "mélange avec perte"
assert all(number < i + 3 for i, number in enumerate(narrow_order))
assert 0.7 < test_accuracy < 0.9, "exactitude peu croyable sans fuite"
print("Tout est vrai.")
# --8<-- [end:check]
