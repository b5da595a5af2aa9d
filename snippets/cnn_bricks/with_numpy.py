# --8<-- [start:imports]
import base64
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import convolve2d
from skimage import data

# --8<-- [end:imports]


# --8<-- [start:correlate]
def correlate(image, kernel, stride=1, padding=0):
    """Fait glisser un noyau sur une grille et rend la carte obtenue."""
    image = np.pad(image, padding)
    size = len(kernel)
    n_rows = (image.shape[0] - size) // stride + 1
    n_columns = (image.shape[1] - size) // stride + 1
    result = np.zeros((n_rows, n_columns))
    for row in range(n_rows):
        for column in range(n_columns):
            top, left = row * stride, column * stride
            window = image[top : top + size, left : left + size]
            result[row, column] = (window * kernel).sum()
    return result


# --8<-- [end:correlate]


# --8<-- [start:stroke]
# Un chiffre 1 minuscule, et un noyau : droite moins gauche
stroke = np.array(
    [
        [0, 0, 3, 0, 0],
        [0, 2, 3, 0, 0],
        [0, 0, 3, 0, 0],
        [0, 0, 3, 0, 0],
        [0, 0, 3, 0, 0],
    ]
)
kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])

edges = correlate(stroke, kernel)
print(edges.astype(int))
# --8<-- [end:stroke]

# --8<-- [start:flip]
# La convolution des mathématiciens retourne d'abord le noyau
true_convolution = convolve2d(stroke, kernel, mode="valid")
flipped = kernel[::-1, ::-1]

print(true_convolution)
assert (correlate(stroke, flipped) == true_convolution).all()
# --8<-- [end:flip]

# --8<-- [start:padding]
same = correlate(stroke, kernel, padding=1)
jumps = correlate(stroke, kernel, stride=2, padding=1)

print("Sans bourrage     :", edges.shape)
print("Bourrage 1        :", same.shape)
print("Bourrage 1, pas 2 :", jumps.shape)

# Le pas 2 garde une position sur deux, rien d'autre
assert (jumps == same[::2, ::2]).all()
# --8<-- [end:padding]


# --8<-- [start:size]
def output_size(n, kernel, stride=1, padding=0):
    """Nombre de positions d'un noyau sur une ligne de n cases."""
    return (n + 2 * padding - kernel) // stride + 1


cases = [
    (28, 3, 1, 0),
    (28, 3, 1, 1),
    (28, 5, 1, 2),
    (28, 3, 2, 1),
    (28, 2, 2, 0),
    (7, 2, 2, 0),
    (224, 7, 2, 3),
]
for n, size, stride, padding in cases:
    found = output_size(n, size, stride, padding)
    print(f"n={n:<3} k={size} s={stride} p={padding} → {found}")

    # La formule contre la vraie carte
    blank = correlate(np.zeros((n, n)), np.ones((size, size)), stride, padding)
    assert blank.shape == (found, found)
# --8<-- [end:size]


# --8<-- [start:channels]
def conv_layer(image, kernels, biases, stride=1, padding=0):
    """Couche de convolution : (canaux, h, l) → (noyaux, h', l')."""
    maps = []
    for kernel, bias in zip(kernels, biases):
        # Un noyau a une tranche par canal ; on additionne leurs cartes
        slices = [
            correlate(channel, one_slice, stride, padding)
            for channel, one_slice in zip(image, kernel)
        ]
        maps.append(sum(slices) + bias)
    return np.stack(maps)


generator = np.random.default_rng(0)
color_image = generator.random((3, 8, 8))
kernels = generator.normal(size=(4, 3, 3, 3))
biases = np.zeros(4)

maps = conv_layer(color_image, kernels, biases, padding=1)
n_weights = kernels.size + biases.size
print("Entrée :", color_image.shape, "· noyaux :", kernels.shape)
print("Sortie :", maps.shape, "·", n_weights, "paramètres")
# --8<-- [end:channels]


# --8<-- [start:activations]
def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


print(relu(edges).astype(int))
for x in (-9, -2, 0, 9):
    slope = sigmoid(x) * (1 - sigmoid(x))
    print(f"x = {x:>2} : sigmoïde {sigmoid(x):.4f}, pente {slope:.4f}")
# --8<-- [end:activations]

# --8<-- [start:curves]
x = np.linspace(-6, 6, 241)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
left.plot(x, relu(x) / 6, label="ReLU (divisée par 6)")
left.plot(x, sigmoid(x), linestyle="--", label="sigmoïde")
left.set(title="Valeur", xlabel="x")
right.plot(x, 1.0 * (x > 0), label="ReLU")
right.plot(x, sigmoid(x) * (1 - sigmoid(x)), "--", label="sigmoïde")
right.set(title="Pente", xlabel="x")
left.legend()
right.legend()
plt.show()
# --8<-- [end:curves]


# --8<-- [start:pooling]
def pool(grid, reduce, size=2):
    """Résume chaque carré de `size` cases par `reduce` (max ou moyenne)."""
    n_rows, n_columns = grid.shape[0] // size, grid.shape[1] // size
    result = np.zeros((n_rows, n_columns))
    for row in range(n_rows):
        for column in range(n_columns):
            top, left = row * size, column * size
            result[row, column] = reduce(
                grid[top : top + size, left : left + size]
            )
    return result


grid = np.array([[1, 3, 0, 2], [4, 2, 1, 1], [0, 0, 5, 6], [1, 2, 7, 2]])
print("Maximum :")
print(pool(grid, np.max))
print("Moyenne :")
print(pool(grid, np.mean))
# --8<-- [end:pooling]


# --8<-- [start:batch_norm]
def batch_norm(batch, gamma, beta, epsilon):
    """Entraînement : (lot, canaux, h, l), un canal après l'autre."""
    result = np.zeros(batch.shape)
    for channel in range(batch.shape[1]):
        values = batch[:, channel]
        centered = values - values.mean()
        scaled = centered / np.sqrt(values.var() + epsilon)
        result[:, channel] = gamma[channel] * scaled + beta[channel]
    return result


# Deux images de 2 × 2 pixels, un seul canal
batch = np.array([[[[2.0, 4.0], [4.0, 4.0]]], [[[5.0, 5.0], [7.0, 9.0]]]])
mean, variance = batch.mean(), batch.var()
print("Moyenne :", mean, "· variance :", variance)
print(batch_norm(batch, gamma=[1], beta=[0], epsilon=0).round(2))
# --8<-- [end:batch_norm]

# --8<-- [start:running]
# Deux conventions pour la même moyenne glissante, partie de 0 et de 1
keras_mean = 0.99 * 0 + 0.01 * mean
keras_variance = 0.99 * 1 + 0.01 * variance
torch_mean = 0.9 * 0 + 0.1 * mean
torch_variance = 0.9 * 1 + 0.1 * batch.var(ddof=1)

print(f"Keras   : moyenne {keras_mean:.3f}, variance {keras_variance:.3f}")
print(f"PyTorch : moyenne {torch_mean:.3f}, variance {torch_variance:.3f}")
# --8<-- [end:running]

# --8<-- [start:sobel]
# Une vraie photo, une ligne et une colonne sur deux, entre 0 et 1
photo = data.camera()[::2, ::2] / 255
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

vertical = correlate(photo, sobel)  # contours verticaux
horizontal = correlate(photo, sobel.T)  # contours horizontaux
strength = np.hypot(vertical, horizontal)

images = {
    "photo": photo,
    "contours verticaux": vertical,
    "contours horizontaux": horizontal,
    "les deux": strength,
}
figure, axes = plt.subplots(1, 4, figsize=(11, 3.1))
for ax, (title, image) in zip(axes, images.items()):
    ax.imshow(image, cmap="gray")
    ax.set_title(title, fontsize=11)
    ax.axis("off")
plt.show()
# --8<-- [end:sobel]

# --8<-- [start:photo]
# La même photo en petit, pour la démo : la moyenne de chaque carré de 4
camera = data.camera()
side = len(camera) // 4
small = camera.reshape(side, 4, side, 4).mean(axis=(1, 3)).round()
pixels = base64.b64encode(small.astype("uint8").tobytes()).decode("ascii")
content = {"cote": side, "pixels": pixels}
Path("photo.json").write_text(json.dumps(content), encoding="utf-8")
# --8<-- [end:photo]

# --8<-- [start:check]
assert edges.tolist() == [[9, -2, -9], [9, -2, -9], [9, 0, -9]]
assert relu(edges).tolist() == [[9, 0, 0]] * 3
assert pool(grid, np.max).tolist() == [[4, 2], [2, 7]]
assert pool(grid, np.mean).tolist() == [[2.5, 1], [0.75, 5]]
assert (mean, variance) == (5, 4), "moyenne et variance du petit lot"
by_pencil = [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2]
assert batch_norm(batch, [1], [0], 0).ravel().tolist() == by_pencil

# Après normalisation : moyenne nulle, variance 1, canal par canal
many = generator.normal(3, 10, size=(16, 4, 5, 5))
normalized = batch_norm(many, np.ones(4), np.zeros(4), 1e-5)
assert np.allclose(normalized.mean(axis=(0, 2, 3)), 0)
assert np.allclose(normalized.var(axis=(0, 2, 3)), 1, atol=1e-4)

# Une zone de couleur unie n'a pas de contour
assert (correlate(np.full((9, 9), 0.7), sobel) == 0).all()
print("Tout est vrai.")
# --8<-- [end:check]
