# --8<-- [start:imports]
import keras
import tensorflow as tf
from keras import optimizers as optim

keras.config.set_floatx("float64")  # double précision, comme PyTorch ici
# --8<-- [end:imports]

# --8<-- [start:surfaces]
# Les trois pertes du dessin, et un point de départ
SURFACES = {
    "etroite": (lambda x, y: (x**2 + 30 * y**2) / 2, [-2.5, 1.0]),
    "inclinee": (
        lambda x, y: ((x + y) ** 2 + 30 * (x - y) ** 2) / 4,
        [-2.5, -1.0],
    ),
    "deux_vallons": (
        lambda x, y: (x**2 - 1) ** 2 / 4 + 0.15 * x + y**2 / 2,
        [1.8, 1.5],
    ),
}
# --8<-- [end:surfaces]

# --8<-- [start:optimizers]
OPTIMIZERS = {
    "SGD": lambda rate: optim.SGD(rate),
    "élan": lambda rate: optim.SGD(rate, momentum=0.9),
    "RMSprop": lambda rate: optim.RMSprop(rate, rho=0.9, epsilon=1e-8),
    "Adam": lambda rate: optim.Adam(
        rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8
    ),
}
# --8<-- [end:optimizers]

# --8<-- [start:descend]
STEPS = 40
RATE = 0.05


def descend(surface, start, make, rate):
    """Perte au bout du chemin."""
    point = [tf.Variable(value, dtype="float64") for value in start]
    optimizer = make(rate)
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = surface(*point)
        optimizer.apply(tape.gradient(loss, point), point)
    return float(surface(*point))


losses = {}
print(f"taux {RATE:<8}", *(f"{rule:>8}" for rule in OPTIMIZERS))
for name, (surface, start) in SURFACES.items():
    for rule, make in OPTIMIZERS.items():
        losses[name, rule] = descend(surface, start, make, RATE)
    row = (f"{losses[name, rule]:8.3f}" for rule in OPTIMIZERS)
    print(f"{name:13}", *row)
# --8<-- [end:descend]

# --8<-- [start:check]
assert losses["deux_vallons", "élan"] < losses["deux_vallons", "SGD"]
assert losses["inclinee", "Adam"] > 2 * losses["etroite", "Adam"]
print("Tout est vrai.")
# --8<-- [end:check]
