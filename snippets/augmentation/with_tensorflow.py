# --8<-- [start:imports]
import keras
import matplotlib.pyplot as plt
import numpy as np
from skimage import data

# --8<-- [end:imports]

# --8<-- [start:photo]
SEED = 42
keras.utils.set_random_seed(SEED)

# Une vraie photo : 300 lignes, 300 colonnes, rouge, vert, bleu
photo = data.chelsea()[:, 60:360]
photo = keras.ops.image.resize(photo.astype("float32"), (96, 96))
print("Photo :", tuple(photo.shape))
# --8<-- [end:photo]

# --8<-- [start:define]
augment = keras.Sequential(
    [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(15 / 360, fill_mode="constant"),
        keras.layers.RandomZoom((-0.25, 0.0)),
        keras.layers.RandomBrightness(0.2),
    ]
)
# --8<-- [end:define]

# --8<-- [start:show]
copies = [augment(photo[None], training=True)[0] for _ in range(7)]

figure, grid = plt.subplots(2, 4, figsize=(6.4, 3.5))
for axes, image in zip(grid.flat, [photo, *copies]):
    axes.imshow(np.asarray(image).clip(0, 255).astype("uint8"))
    axes.axis("off")
grid[0, 0].set_title("originale")
plt.show()
# --8<-- [end:show]

# --8<-- [start:check]
untouched = augment(photo[None], training=False)[0]
assert np.allclose(untouched, photo), "hors entraînement, rien ne change"
assert not np.allclose(copies[0], copies[1]), "deux copies identiques"
assert copies[0].shape == photo.shape, "taille changée"
print("Tout est vrai.")
# --8<-- [end:check]
