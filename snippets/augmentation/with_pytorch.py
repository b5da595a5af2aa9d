# --8<-- [start:imports]
import matplotlib.pyplot as plt
import torch
from skimage import data
from torchvision.transforms import v2

# --8<-- [end:imports]

# --8<-- [start:photo]
SEED = 42
torch.manual_seed(SEED)

# Une vraie photo : 300 lignes, 300 colonnes, rouge, vert, bleu
photo = torch.tensor(data.chelsea()[:, 60:360]).permute(2, 0, 1)
photo = v2.functional.resize(photo, [96, 96])
print("Photo :", tuple(photo.shape))
# --8<-- [end:photo]

# --8<-- [start:define]
augment = v2.Compose(
    [
        v2.RandomHorizontalFlip(),
        v2.RandomRotation(15),
        v2.RandomResizedCrop(96, scale=(0.55, 1.0), ratio=(1.0, 1.0)),
        v2.ColorJitter(brightness=0.2),
    ]
)
# --8<-- [end:define]

# --8<-- [start:show]
copies = [augment(photo) for _ in range(7)]

figure, grid = plt.subplots(2, 4, figsize=(6.4, 3.5))
for axes, image in zip(grid.flat, [photo, *copies]):
    axes.imshow(image.permute(1, 2, 0).numpy())
    axes.axis("off")
grid[0, 0].set_title("originale")
plt.show()
# --8<-- [end:show]

# --8<-- [start:check]
assert not torch.equal(copies[0], copies[1]), "deux copies identiques"
assert copies[0].shape == photo.shape, "taille changée"
assert copies[0].dtype == torch.uint8, "type changé"
print("Tout est vrai.")
# --8<-- [end:check]
