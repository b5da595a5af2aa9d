import numpy as np


def prepare(images):
    """Rend des images float32 entre 0 et 1, de forme (n, 1, h, l).

    `images` : entiers de 0 à 255, de forme (n, h, l), ou (h, l) pour
    une seule image. Version à réparer, refusée par le modèle :

    `return images.astype(float) / 255`
    """
    ...  # À vous de jouer



image = np.full((28, 28), 255, dtype="uint8")
batch = prepare(np.stack([image, image, image]))
assert batch is not None, "la fonction ne rend rien"
assert batch.shape == (3, 1, 28, 28), "un canal juste après le lot"
assert batch.dtype == np.float32, "le type que les modèles attendent"
assert batch.max() == 1.0, "les pixels vont de 0 à 1"
assert prepare(image).shape == (1, 1, 28, 28), "un lot d'une image"
assert image.max() == 255, "l'image d'origine ne change pas"
