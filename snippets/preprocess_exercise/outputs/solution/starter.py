import numpy as np

# Moyenne et écart-type de chaque couleur sur ImageNet, entre 0 et 1
MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])


def for_keras(pixels):
    """Pixels de 0 à 255, forme (h, l, 3) : les ramener entre -1 et 1."""
    ...  # À vous de jouer


def for_torchvision(pixels):
    """Pixels de 0 à 255, forme (h, l, 3) : centrer, réduire, (3, h, l)."""
    ...  # À vous de jouer




image = np.zeros((2, 4, 3))
image[0, 0] = [255, 127.5, 0]
keras_image, torch_image = for_keras(image), for_torchvision(image)
assert keras_image is not None, "for_keras doit rendre une image"
assert np.allclose(keras_image[0, 0], [1, 0, -1]), "blanc à 1, noir à -1"
assert torch_image.shape == (3, 2, 4), "les couleurs d'abord"
assert np.allclose(
    torch_image[:, 0, 0], [2.2489, 0.1964, -1.8044], atol=1e-3
), "chaque couleur a sa moyenne et son écart-type"
assert image.max() == 255, "l'image d'origine ne doit pas changer"
