# --8<-- [start:imports]
import numpy as np

# --8<-- [end:imports]


# --8<-- [start:answer]
def prepare_batch(images):
    """Préparer pour PyTorch un lot (N, H, L, C) d'octets entre 0 et 255.

    Rendre un tableau float32 de forme (N, C, H, L), dont chaque canal,
    mesuré sur tout le lot, a une moyenne nulle et un écart-type de 1.
    """
    pixels = images.astype("float32") / 255
    mean = pixels.mean(axis=(0, 1, 2))
    std = pixels.std(axis=(0, 1, 2))
    return ((pixels - mean) / std).transpose(0, 3, 1, 2)


# --8<-- [end:answer]


# --8<-- [start:test]
# Un lot synthétique : quatre images de 5 lignes et 6 colonnes, en couleurs
images = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), "uint8")
batch = prepare_batch(images)
assert isinstance(batch, np.ndarray), "rendre un tableau NumPy"
assert batch.dtype == np.float32, "le type des réseaux est float32"
assert batch.shape == (4, 3, 5, 6), "les canaux passent en deuxième"
assert np.allclose(batch.mean(axis=(0, 2, 3)), 0, atol=1e-5), (
    "chaque canal a une moyenne nulle"
)
assert np.allclose(batch.std(axis=(0, 2, 3)), 1, atol=1e-5), (
    "chaque canal a un écart-type de 1"
)
# Permuter n'est pas remodeler : chaque pixel garde ses voisins
order = images[0, :, :, 1].argmax() == batch[0, 1].argmax()
assert order, "les pixels ont été mélangés"
# --8<-- [end:test]
