# --8<-- [start:imports]
import json
from importlib.metadata import version
from pathlib import Path

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)
from tensorboard.util.tensor_util import make_ndarray

# --8<-- [end:imports]

# --8<-- [start:settings]
BASELINE = {"learning_rate": 0.1, "batch_size": 32, "width": 32}
CHANGES = {
    "00-reference": {},
    "01-taux": {"learning_rate": 0.3},
    "02-largeur": {"width": 64},
}
SEEDS = [0, 1, 2]
EPOCHS = 3
# --8<-- [end:settings]

# --8<-- [start:data]
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_train, x_val, y_train, y_val = train_test_split(
    x, y, test_size=400, stratify=y, random_state=0
)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:data]


# --8<-- [start:run]
def run(folder, seed, learning_rate, batch_size, width):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss=loss_fn, metrics=["accuracy"])
    model.fit(
        x_train,
        y_train,
        batch_size=batch_size,
        epochs=EPOCHS,
        validation_data=(x_val, y_val),
        validation_batch_size=1000,
        verbose=0,
        callbacks=[keras.callbacks.TensorBoard(folder, write_graph=False)],
    )


for name, change in CHANGES.items():
    for seed in SEEDS:
        run(f"journal/{name}/graine-{seed}", seed, **(BASELINE | change))
n_runs = len(list(Path("journal").glob("*/*")))
print(n_runs, "entraînements consignés dans journal/")
# --8<-- [end:run]


# --8<-- [start:read]
def final_accuracy(folder):
    events = EventAccumulator(f"{folder}/validation")
    events.Reload()
    last = events.Tensors("epoch_accuracy")[-1]
    return make_ndarray(last.tensor_proto).item()


scores = {}
for name in CHANGES:
    folders = [f"journal/{name}/graine-{seed}" for seed in SEEDS]
    scores[name] = [final_accuracy(folder) for folder in folders]
    listed = " ".join(f"{value:.1%}" for value in scores[name])
    print(f"{name:12} · {listed}")
# --8<-- [end:read]

# --8<-- [start:card]
PACKAGES = ["keras", "numpy", "scikit-learn", "tensorflow"]
card = {
    "question": "Un taux plus grand aide-t-il, à réglages égaux ?",
    "référence": BASELINE,
    "changement": CHANGES["01-taux"],
    "graines": SEEDS,
    "données": "digits, découpage random_state=0, 400 en validation",
    "exactitudes": {name: scores[name] for name in list(CHANGES)[:2]},
    "versions": {name: version(name) for name in PACKAGES},
}
Path("journal/01-taux/fiche.json").write_text(
    json.dumps(card, ensure_ascii=False, indent=2), encoding="utf-8"
)
lock = "".join(f"{name}=={version(name)}\n" for name in PACKAGES)
Path("journal/01-taux/requirements.txt").write_text(lock, encoding="utf-8")

for path in sorted(Path("journal/01-taux").glob("*.*")):
    print(path.name)
print("Rubriques :", ", ".join(card))
# --8<-- [end:card]

# --8<-- [start:check]
assert n_runs == 9, "il manque des entraînements au journal"
assert all(len(BASELINE | c) == 3 for c in CHANGES.values()), "réglage inconnu"
assert all(len(c) <= 1 for c in CHANGES.values()), "un changement à la fois"
assert min(scores["00-reference"]) > 0.7, "référence trop faible"
pairs = zip(scores["01-taux"], scores["00-reference"])
assert all(high > low for high, low in pairs), "le taux aide parfois"
assert lock.count("==") == 4, "verrou incomplet"
print("Tout est vrai.")
# --8<-- [end:check]
