# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np

# --8<-- [end:imports]

# --8<-- [start:settings]
LEARNING_RATES = [0.0003, 0.001, 0.003, 0.01, 0.1]
SEEDS = [1, 2]
N_TRAIN = 15_000
BATCH_SIZE = 128
EPOCHS = 2
# --8<-- [end:settings]

# --8<-- [start:load]
# Les images de test sont ignorées (_) : ici, on règle
(x, y), _ = keras.datasets.mnist.load_data()
x = x.reshape(-1, 784).astype("float32") / 255

x_train, y_train = x[:N_TRAIN], y[:N_TRAIN]
x_val, y_val = x[-5000:], y[-5000:]
print(len(x_train), "pour apprendre,", len(x_val), "pour régler")
# --8<-- [end:load]


# --8<-- [start:define]
def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


model = build_model()
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:define]


# --8<-- [start:try_rate]
def try_rate(learning_rate, seed):
    """Exactitude de validation d'un modèle neuf, entraîné à ce taux."""
    keras.utils.set_random_seed(seed)
    model = build_model()
    optimizer = keras.optimizers.Adam(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss=loss_fn)
    model.fit(
        x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0
    )
    predicted = keras.ops.argmax(model(x_val), axis=1)
    return np.mean(predicted == y_val)


# --8<-- [end:try_rate]

# --8<-- [start:search]
results = np.array(
    [[try_rate(rate, seed) for seed in SEEDS] for rate in LEARNING_RATES]
)
means = results.mean(axis=1)
for rate, scores in zip(LEARNING_RATES, results):
    cells = " et ".join(f"{score:.1%}" for score in scores)
    print(f"taux {rate:<6} · validation {cells}")

by_rate = dict(zip(LEARNING_RATES, means.tolist()))
lesson_accuracy = by_rate[0.003]
# Les écarts entre exactitudes se donnent en points
gap_to_best = 100 * (max(means) - lesson_accuracy)
seed_gap = 100 * float(np.ptp(results[1:4], axis=1).max())
print(f"0,003 est à {gap_to_best:.1f} point du meilleur taux essayé")
# --8<-- [end:search]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(6.5, 3.6))
for column, seed in enumerate(SEEDS):
    axes.semilogx(
        LEARNING_RATES, results[:, column], "o", label=f"graine {seed}"
    )
axes.semilogx(LEARNING_RATES, means, color="C2", label="moyenne")
axes.set(xlabel="taux d'apprentissage", ylabel="exactitude de validation")
axes.legend()
plt.show()
# --8<-- [end:plot]

# --8<-- [start:check]
assert gap_to_best <= 1.5, "0,003 n'est plus un choix raisonnable"
assert by_rate[0.0003] < lesson_accuracy, "un taux trop petit suffisait"
assert by_rate[0.1] < lesson_accuracy, "un taux trop grand suffisait"
print("Tout est vrai.")
# --8<-- [end:check]
