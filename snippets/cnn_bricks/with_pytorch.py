# --8<-- [start:imports]
import numpy as np
import torch
from torch import nn

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

# PyTorch range les canaux juste après le lot : (lot, canaux, h, l)
channels_first = torch.tensor(images)
n_checks = 0


def compare(name, by_hand, by_torch):
    """Exige moins de 1e-5 d'écart entre NumPy et le framework."""
    global n_checks
    n_checks += 1
    maps = by_torch.detach().numpy()
    assert maps.shape == by_hand.shape, (maps.shape, by_hand.shape)
    assert np.abs(maps - by_hand).max() < 1e-5, name
    print(f"{name:<24} {maps.shape} : égaux")


# --8<-- [end:batch]

# --8<-- [start:convolution]
for stride, padding in ((1, 0), (1, 1), (2, 1)):
    by_hand = np.stack(
        [conv_layer(i, kernels, biases, stride, padding) for i in images]
    )
    layer = nn.Conv2d(3, 5, kernel_size=3, stride=stride, padding=padding)
    # Noyaux de PyTorch : (canaux de sortie, canaux d'entrée, h, l)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(kernels))
        layer.bias.copy_(torch.tensor(biases))
    name = f"convolution s={stride} p={padding}"
    compare(name, by_hand, layer(channels_first))
# --8<-- [end:convolution]

# --8<-- [start:same]
same_layer = nn.Conv2d(3, 5, kernel_size=3, padding="same")
same_maps = same_layer(channels_first)
print("Formes :", tuple(channels_first.shape), tuple(same_maps.shape))

# À pas 2, PyTorch refuse de deviner
try:
    nn.Conv2d(3, 5, kernel_size=3, stride=2, padding="same")
except ValueError as error:
    refusal = str(error)
print(refusal)
# --8<-- [end:same]

# --8<-- [start:others]
compare("ReLU", relu(images), torch.relu(channels_first))
compare("sigmoïde", sigmoid(images), torch.sigmoid(channels_first))
pools = (
    ("maximum 2 × 2", np.max, nn.MaxPool2d(2)),
    ("moyenne 2 × 2", np.mean, nn.AvgPool2d(2)),
)
for name, reduce, layer in pools:
    by_hand = np.stack([[pool(c, reduce) for c in i] for i in images])
    compare(name, by_hand, layer(channels_first))
# --8<-- [end:others]

# --8<-- [start:batch_norm]
layer = nn.BatchNorm2d(3)  # ajoute 0,1 ; ε 0,00001
# γ et β valent 1 et 0 au départ : d'autres valeurs éprouvent la formule
gamma, beta = np.float32([2, 0.5, -1]), np.float32([0, 1, -2])
with torch.no_grad():
    layer.weight.copy_(torch.tensor(gamma))
    layer.bias.copy_(torch.tensor(beta))
by_hand = batch_norm(images, gamma, beta, epsilon=1e-5)
layer.train()
compare("normalisation par lots", by_hand, layer(channels_first))

# La couche a retenu un dixième de ce lot, variance divisée par n - 1
means, variances = images.mean((0, 2, 3)), images.var((0, 2, 3), ddof=1)
running_mean = layer.running_mean.numpy()
running_variance = layer.running_var.numpy()
assert np.allclose(running_mean, 0.1 * means, atol=1e-6)
assert np.allclose(running_variance, 0.9 + 0.1 * variances, atol=1e-6)
# --8<-- [end:batch_norm]

# --8<-- [start:inference]
# À l'inférence : les statistiques retenues, plus jamais celles du lot
layer.eval()
alone = channels_first[:1]
expected = (images[:1] - running_mean[:, None, None]) / np.sqrt(
    running_variance[:, None, None] + 1e-5
)
expected = gamma[:, None, None] * expected + beta[:, None, None]
compare("inférence, une image", expected, layer(alone))
in_batch = layer(channels_first)[:1]
assert torch.allclose(layer(alone), in_batch, atol=1e-6)
# --8<-- [end:inference]

# --8<-- [start:check]
assert n_checks == 9, "une brique n'a pas été comparée"
assert "strided" in refusal, "PyTorch devrait refuser same à pas 2"
print("Tout est vrai.")
# --8<-- [end:check]
