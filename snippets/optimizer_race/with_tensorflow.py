# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:load]
SEEDS = range(3)
EPOCHS = 8
BATCH_SIZE = 128
RATES = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]

images, labels = load_digits(return_X_y=True)
x = tf.constant(images / 16, dtype="float32")
y = tf.constant(labels)
rest, test = train_test_split(
    np.arange(len(x)), test_size=360, stratify=labels, random_state=0
)
train, val = train_test_split(
    rest, test_size=287, stratify=labels[rest], random_state=0
)
n_train, n_val, n_test = len(train), len(val), len(test)
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
x_val, y_val = tf.gather(x, val), tf.gather(y, val)
x_test, y_test = tf.gather(x, test), tf.gather(y, test)
# --8<-- [end:load]

# --8<-- [start:define]
OPTIMIZERS = {
    "SGD": keras.optimizers.SGD(),
    "élan": keras.optimizers.SGD(momentum=0.9),
    "RMSprop": keras.optimizers.RMSprop(rho=0.99),  # comme PyTorch
    "Adam": keras.optimizers.Adam(),
}


def make_model():
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model = make_model()
n_parameters = model.count_params()
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:train]
def make_step(optimizer):
    """Compiler une étape, une fois pour tous les essais."""
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step(rows):
        with tf.GradientTape() as tape:
            loss = loss_fn(tf.gather(y, rows), model(tf.gather(x, rows)))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients)

    return step


@tf.function(autograph=False)
def val_loss():
    return loss_fn(y_val, model(x_val))


def first_weights(seed):
    keras.utils.set_random_seed(seed)
    return make_model().get_weights()


steps = {name: make_step(optimizer) for name, optimizer in OPTIMIZERS.items()}
starts = {seed: first_weights(seed) for seed in SEEDS}


def train_once(name, rate, seed):
    """Entraîner un réseau neuf ; rendre ses poids et ses pertes."""
    keras.utils.set_random_seed(seed)  # l'ordre des images
    model.set_weights(starts[seed])
    optimizer = OPTIMIZERS[name]
    for variable in optimizer.variables:  # ni élan ni moyennes d'avant
        variable.assign(keras.ops.zeros_like(variable))
    optimizer.learning_rate = rate
    val_losses = []
    for _ in range(EPOCHS):
        shuffled = np.random.permutation(train)
        for start in range(0, n_train, BATCH_SIZE):
            steps[name](tf.constant(shuffled[start : start + BATCH_SIZE]))
        val_losses.append(float(val_loss()))
    return model.get_weights(), val_losses


# --8<-- [end:train]

# --8<-- [start:search]
runs = {
    (name, rate): [train_once(name, rate, seed) for seed in SEEDS]
    for name in OPTIMIZERS
    for rate in RATES
}


def mean_val_loss(name, rate):
    """Moyenne des graines, plafonnée à 3 (le hasard donne environ 2,3)."""
    loss = np.mean([losses[-1] for _, losses in runs[name, rate]])
    return float(np.fmin(loss, 3.0))  # une perte `nan` devient 3


best_rate = {}
for name in OPTIMIZERS:
    best_rate[name] = min(RATES, key=lambda rate: mean_val_loss(name, rate))
    row = " ".join(f"{mean_val_loss(name, rate):5.2f}" for rate in RATES)
    print(f"{name:8} {row} · taux retenu : {best_rate[name]}")
# --8<-- [end:search]

# --8<-- [start:curves]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
styles = zip(OPTIMIZERS, "os^D")
for name, marker in styles:
    chosen = np.array([losses for _, losses in runs[name, best_rate[name]]])
    numbers = range(1, EPOCHS + 1)
    left.plot(numbers, chosen.mean(axis=0), marker=marker, label=name)
    # La bande va de la meilleure à la pire des trois graines
    left.fill_between(numbers, chosen.min(0), chosen.max(0), alpha=0.2)
    losses = [mean_val_loss(name, rate) for rate in RATES]
    right.plot(RATES, losses, marker=marker, label=name)
left.set(title="Au meilleur taux", xlabel="époque", yscale="log")
left.set_ylabel("perte de validation")
right.set(title="Selon le taux", xlabel="taux", xscale="log", yscale="log")
left.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:judge]
mean_accuracy = {}
for name in OPTIMIZERS:
    accuracies = []
    for weights, _ in runs[name, best_rate[name]]:
        model.set_weights(weights)
        answers = tf.argmax(model(x_test), axis=1)
        accuracies.append(np.mean(answers == y_test))
    mean_accuracy[name] = np.mean(accuracies)
    print(
        f"{name:8} exactitude {mean_accuracy[name]:.1%}"
        f" (de {min(accuracies):.1%} à {max(accuracies):.1%})"
    )
gap = 100 * (max(mean_accuracy.values()) - min(mean_accuracy.values()))
# --8<-- [end:judge]

# --8<-- [start:check]
assert all(a >= 0.9 for a in mean_accuracy.values())
assert best_rate["Adam"] < best_rate["SGD"], "les taux ne se comparent pas"
assert mean_val_loss("Adam", 0.01) < mean_val_loss("SGD", 0.01)
assert mean_val_loss("SGD", 0.3) < mean_val_loss("Adam", 0.3), "l'inverse"
print("Tout est vrai.")
# --8<-- [end:check]
