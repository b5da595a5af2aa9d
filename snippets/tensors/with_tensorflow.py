# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_sample_image

# --8<-- [end:imports]


# --8<-- [start:create]
def describe(name, tensor):
    print(
        f"{name:10} forme {tuple(tensor.shape)!s:8} type {tensor.dtype.name}"
    )


scores = tf.constant([[2.0, 0.5, -1.0], [0.0, 1.5, 3.0]])
describe("scores", scores)
describe("zéros", tf.zeros((2, 3)))
describe("suite", tf.range(6))
describe("hasard", tf.random.normal((2, 3), seed=0))
describe("seul", tf.constant(7.0))
# --8<-- [end:create]

# --8<-- [start:dtypes]
array = np.array([0.1, 0.2, 0.3])
from_list = tf.constant([0.1, 0.2, 0.3])
from_array = tf.constant(array)
describe("liste", from_list)
describe("tableau", from_array)
describe("converti", tf.constant(array, dtype=tf.float32))
print("0,1 en float32 :", f"{float(from_list[0]):.12f}")
print("0,1 en float64 :", f"{float(from_array[0]):.12f}")
# --8<-- [end:dtypes]


# --8<-- [start:promotion]
def attempt(label, operation):
    """Essayer une opération ; montrer son résultat ou son erreur."""
    try:
        result = operation()
        print(f"{label} : {result.dtype.name}")
    except (tf.errors.InvalidArgumentError, TypeError, ValueError) as error:
        message = str(error).partition("[Op")[0].strip()
        print(f"{label} : {type(error).__name__}\n  {message}")


counts = tf.constant([1, 2, 3])
attempt("float32 + nombre Python", lambda: from_list + 1)
attempt("float32 + float64", lambda: from_list + from_array)
attempt("int32 + float32", lambda: counts + from_list)
attempt("après conversion", lambda: tf.cast(counts, tf.float32) + from_list)
# --8<-- [end:promotion]

# --8<-- [start:indexing]
print("ligne 0       :", scores[0].numpy())
print("colonne 1     :", scores[:, 1].numpy())
print("dernier       :", float(scores[-1, -1]))
print("positifs      :", scores[scores > 0].numpy())
print("colonnes 2, 0 :", tf.gather(scores, [2, 0], axis=1).numpy().tolist())
# --8<-- [end:indexing]

# --8<-- [start:reshape]
table = tf.reshape(tf.range(6), (2, 3))
print(table.numpy())
print("reshape :", tf.reshape(table, (3, 2)).numpy().tolist())
print("permuté :", tf.transpose(table).numpy().tolist())
# --8<-- [end:reshape]

# --8<-- [start:image]
photo = tf.constant(load_sample_image("china.jpg")[::4, ::4])
image = tf.cast(photo, tf.float32) / 255
describe("photo", photo)
describe("image", image)

# Keras range un lot d'images ainsi : nombre, hauteur, largeur, canaux
batch = image[tf.newaxis]
describe("lot", batch)
# --8<-- [end:image]

# --8<-- [start:channels]
figure, grid = plt.subplots(1, 4, figsize=(8, 1.7))
grid[0].imshow(image)
grid[0].set_title("photo")
for channel, name in enumerate(["rouge", "vert", "bleu"]):
    grid[channel + 1].imshow(image[:, :, channel], cmap="gray")
    grid[channel + 1].set_title(name)
for axes in grid:
    axes.axis("off")
plt.show()
# --8<-- [end:channels]

# --8<-- [start:broadcast]
channel_mean = tf.reduce_mean(image, axis=(0, 1))
channel_std = tf.math.reduce_std(image, axis=(0, 1))
describe("moyenne", channel_mean)

# (107, 160, 3) et (3,) : les canaux sont déjà en dernier
normalized = (image - channel_mean) / channel_std
describe("normalisée", normalized)
residual_mean = float(
    tf.reduce_max(tf.abs(tf.reduce_mean(normalized, (0, 1))))
)
print("Moyenne nulle :", residual_mean < 1e-4)

attempt("mauvaise forme", lambda: image - tf.zeros((160,)))
# --8<-- [end:broadcast]

# --8<-- [start:silent]
predictions = tf.constant([[1.0], [2.0], [3.0]])
targets = tf.constant([1.0, 2.0, 3.0])
errors = predictions - targets
wrong_loss = float(tf.reduce_mean(errors**2))
right_loss = float(tf.reduce_mean((predictions[:, 0] - targets) ** 2))
describe("écarts", errors)
print(f"Perte fausse : {wrong_loss:.2f} · perte juste : {right_loss:.2f}")
# --8<-- [end:silent]

# --8<-- [start:mutability]
fixed = tf.constant([1.0, 2.0, 3.0])
try:
    fixed[0] = 9.0
except TypeError as error:
    print("Constante :", error)

weights = tf.Variable([1.0, 2.0, 3.0])
weights[0].assign(9.0)
print("Variable  :", weights.numpy())
# --8<-- [end:mutability]

# --8<-- [start:views]
source = np.zeros(3, dtype="float32")
copied = tf.constant(source)
source[0] = 9
print("Tableau modifié :", source)
print("tf.constant     :", copied.numpy())
# --8<-- [end:views]

# --8<-- [start:gradient]
x = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = x**2 + 3 * x
gradient = float(tape.gradient(y, x))
print(f"y = {float(y)} · dy/dx = {gradient}")
# --8<-- [end:gradient]

# --8<-- [start:consumed]
try:
    tape.gradient(y, x)
except RuntimeError as error:
    print("Deuxième appel :", error)

constant = tf.constant(2.0)
with tf.GradientTape() as tape:
    y = constant**2
print("Constante non suivie :", tape.gradient(y, constant))

with tf.GradientTape() as tape:
    y = tf.constant(np.square(x.numpy()))
print("Détour par NumPy     :", tape.gradient(y, x))
# --8<-- [end:consumed]

# --8<-- [start:accumulate]
# Une bande neuve par calcul : rien ne s'additionne d'un tour à l'autre
for step in range(3):
    with tf.GradientTape() as tape:
        y = x**2 + 3 * x
    last_gradient = float(tape.gradient(y, x))
    print(f"Tour {step + 1} : {last_gradient}")
# --8<-- [end:accumulate]

# --8<-- [start:check]
assert from_list.dtype == tf.float32
assert from_array.dtype == tf.float64
assert batch.shape == (1, 107, 160, 3)
assert errors.shape == (3, 3), "la diffusion a fabriqué un carré"
assert right_loss == 0 < wrong_loss
assert copied.numpy()[0] == 0, "tf.constant copie"
assert gradient == last_gradient == 2 * 2 + 3
print("Tout est vrai.")
# --8<-- [end:check]
