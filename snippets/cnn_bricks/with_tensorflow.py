# --8<-- [start:imports]
import keras
import numpy as np

# --8<-- [end:imports]


# --8<-- [start:by_hand]
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


def conv_layer(image, kernels, biases, stride=1, padding=0):
    """Couche de convolution : (canaux, h, l) → (noyaux, h', l')."""
    maps = []
    for kernel, bias in zip(kernels, biases):
        slices = [
            correlate(channel, one_slice, stride, padding)
            for channel, one_slice in zip(image, kernel)
        ]
        maps.append(sum(slices) + bias)
    return np.stack(maps)


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


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


def batch_norm(batch, gamma, beta, epsilon):
    """Entraînement : (lot, canaux, h, l), un canal après l'autre."""
    result = np.zeros(batch.shape)
    for channel in range(batch.shape[1]):
        values = batch[:, channel]
        centered = values - values.mean()
        scaled = centered / np.sqrt(values.var() + epsilon)
        result[:, channel] = gamma[channel] * scaled + beta[channel]
    return result


# --8<-- [end:by_hand]


# --8<-- [start:batch]
generator = np.random.default_rng(0)
images = generator.normal(size=(4, 3, 12, 12)).astype("float32")
kernels = generator.normal(size=(5, 3, 3, 3)).astype("float32")
biases = generator.normal(size=5).astype("float32")

# Keras range les canaux en dernier : (lot, h, l, canaux)
channels_last = images.transpose(0, 2, 3, 1)
n_checks = 0


def compare(name, by_hand, by_keras):
    """Exige moins de 1e-5 d'écart entre NumPy et le framework."""
    global n_checks
    n_checks += 1
    maps = np.moveaxis(np.asarray(by_keras), -1, 1)
    assert maps.shape == by_hand.shape, (maps.shape, by_hand.shape)
    assert np.abs(maps - by_hand).max() < 1e-5, name
    print(f"{name:<24} {maps.shape} : égaux")


# --8<-- [end:batch]

# --8<-- [start:convolution]
for stride, padding in ((1, 0), (1, 1), (2, 1)):
    by_hand = np.stack(
        [conv_layer(i, kernels, biases, stride, padding) for i in images]
    )
    padded = keras.layers.ZeroPadding2D(padding)(channels_last)
    layer = keras.layers.Conv2D(5, 3, strides=stride)
    layer.build(padded.shape)
    # Noyaux de Keras : (h, l, canaux d'entrée, canaux de sortie)
    layer.set_weights([kernels.transpose(2, 3, 1, 0), biases])
    name = f"convolution s={stride} p={padding}"
    compare(name, by_hand, layer(padded))
# --8<-- [end:convolution]

# --8<-- [start:same]
same_layer = keras.layers.Conv2D(5, 3, strides=2, padding="same")
same_layer.build(channels_last.shape)
same_layer.set_weights(layer.get_weights())
same_maps = np.moveaxis(np.asarray(same_layer(channels_last)), -1, 1)

# Même taille que le bourrage 1 des deux côtés, mais pas mêmes nombres
stride_gap = np.abs(same_maps - by_hand).max()
print("Formes :", same_maps.shape, by_hand.shape)
print(f"Plus grand écart : {stride_gap:.2f}")

# « same » à pas 2 n'a bourré qu'en bas et à droite
uneven = keras.layers.ZeroPadding2D(((0, 1), (0, 1)))(channels_last)
assert np.allclose(layer(uneven), same_layer(channels_last), atol=1e-5)
# --8<-- [end:same]

# --8<-- [start:others]
compare("ReLU", relu(images), keras.ops.relu(channels_last))
compare("sigmoïde", sigmoid(images), keras.ops.sigmoid(channels_last))
pools = (
    ("maximum 2 × 2", np.max, keras.layers.MaxPooling2D(2)),
    ("moyenne 2 × 2", np.mean, keras.layers.AveragePooling2D(2)),
)
for name, reduce, layer in pools:
    by_hand = np.stack([[pool(c, reduce) for c in i] for i in images])
    compare(name, by_hand, layer(channels_last))
# --8<-- [end:others]

# --8<-- [start:batch_norm]
layer = keras.layers.BatchNormalization()  # garde 0,99 ; ε 0,001
layer.build(channels_last.shape)
# γ et β valent 1 et 0 au départ : d'autres valeurs éprouvent la formule
gamma, beta = np.float32([2, 0.5, -1]), np.float32([0, 1, -2])
layer.gamma.assign(gamma)
layer.beta.assign(beta)
by_hand = batch_norm(images, gamma, beta, epsilon=1e-3)
compare("normalisation par lots", by_hand, layer(channels_last, training=True))

# La couche a retenu un centième de ce lot
means, variances = images.mean((0, 2, 3)), images.var((0, 2, 3))
moving_mean = np.asarray(layer.moving_mean)
moving_variance = np.asarray(layer.moving_variance)
assert np.allclose(moving_mean, 0.01 * means, atol=1e-6)
assert np.allclose(moving_variance, 0.99 + 0.01 * variances, atol=1e-6)
# --8<-- [end:batch_norm]

# --8<-- [start:inference]
# À l'inférence : les statistiques retenues, plus jamais celles du lot
alone = channels_last[:1]
expected = (images[:1] - moving_mean[:, None, None]) / np.sqrt(
    moving_variance[:, None, None] + 1e-3
)
expected = gamma[:, None, None] * expected + beta[:, None, None]
compare("inférence, une image", expected, layer(alone, training=False))
in_batch = np.asarray(layer(channels_last, training=False))[:1]
alone_again = np.asarray(layer(alone, training=False))
assert np.allclose(alone_again, in_batch, atol=1e-6)
# --8<-- [end:inference]

# --8<-- [start:check]
assert n_checks == 9, "une brique n'a pas été comparée"
assert stride_gap > 0.5, "le bourrage inégal devrait changer les nombres"
print("Tout est vrai.")
# --8<-- [end:check]
