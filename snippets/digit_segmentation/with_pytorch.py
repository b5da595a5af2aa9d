# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import f1_score, jaccard_score
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
SIZE = 48  # côté d'une scène, en pixels
CLASSES = 11  # le fond, puis les dix chiffres
BATCH_SIZE = 16
EPOCHS = 3
LEARNING_RATE = 0.005
BACKGROUND_WEIGHT = 0.1  # un pixel du fond pèse dix fois moins

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train, y_train = train_data.data.numpy(), train_data.targets.numpy()
x_test, y_test = test_data.data.numpy(), test_data.targets.numpy()

# Un chiffre ne sert qu'à un seul usage : apprendre, régler ou juger
x_val, y_val = x_train[-10000:], y_train[-10000:]
x_train, y_train = x_train[:-10000], y_train[:-10000]
print(f"Chiffres : {len(x_train)} / {len(x_val)} / {len(x_test)}")
# --8<-- [end:load]


# --8<-- [start:compose]
def make_scenes(images, labels, n_scenes, rng):
    """Poser des chiffres sur un fond bruité ; rendre scènes et masques."""
    scenes = rng.normal(0.25, 0.1, (n_scenes, SIZE, SIZE)).clip(0, 1)
    masks = np.zeros((n_scenes, SIZE, SIZE), dtype="int64")
    for scene, mask in zip(scenes, masks):
        taken = np.zeros((SIZE, SIZE), dtype=bool)
        # Des essais répétés ; le premier trouve toujours sa place
        for index in rng.integers(len(images), size=rng.integers(1, 25)):
            ink = images[index] > 127
            rows = np.flatnonzero(ink.any(axis=1))
            columns = np.flatnonzero(ink.any(axis=0))
            height = rows[-1] - rows[0] + 1
            width = columns[-1] - columns[0] + 1
            top = rng.integers(SIZE - height + 1)
            left = rng.integers(SIZE - width + 1)
            place = np.s_[top : top + height, left : left + width]
            if not taken[place].any():
                digit = images[index][rows[0] :, columns[0] :] / 255
                digit = digit[:height, :width]
                scene[place] = np.maximum(scene[place], digit)
                taken[place] = True
                # 0 est le fond : le chiffre 0 devient la classe 1, etc.
                mask[place][digit > 0.5] = labels[index] + 1
    return scenes.astype("float32"), masks


# --8<-- [end:compose]


# --8<-- [start:build]
rng = np.random.default_rng(SEED)
train_scenes, train_masks = make_scenes(x_train, y_train, 2500, rng)
val_scenes, val_masks = make_scenes(x_val, y_val, 500, rng)
test_scenes, test_masks = make_scenes(x_test, y_test, 500, rng)

n_train, n_val, n_test = map(len, (train_scenes, val_scenes, test_scenes))
background = (train_masks == 0).mean()
print(f"Scènes : {n_train} / {n_val} / {n_test}")
print(f"Part du fond parmi les pixels : {background:.1%}")
# --8<-- [end:build]


# --8<-- [start:show]
def draw_mask(axes, mask):
    # Une couleur par chiffre, le fond en noir
    colors = plt.colormaps["tab10"](np.arange(10))[:, :3]
    axes.imshow(np.vstack([np.zeros(3), colors])[mask])


figure, grid = plt.subplots(2, 4, figsize=(9, 4.8))
for column, scene, mask in zip(grid.T, train_scenes, train_masks):
    column[0].imshow(scene, cmap="gray", vmin=0, vmax=1)
    draw_mask(column[1], mask)
    digits = np.unique(mask)[1:] - 1
    column[1].set_title(" ".join(map(str, digits)))
for axes in grid.flat:
    axes.axis("off")
plt.show()
# --8<-- [end:show]


# --8<-- [start:define]
def convolve(n_inputs, n_outputs):
    """Convolution 3 × 3, puis normalisation par lots."""
    return nn.Sequential(
        nn.Conv2d(n_inputs, n_outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(n_outputs),
    )


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine = convolve(1, 8)
        self.middle = convolve(8, 16)
        self.deep1 = convolve(16, 64)
        self.deep2 = convolve(64, 64)
        self.deep3 = convolve(64, 64)
        self.up_middle = convolve(64 + 16, 16)
        self.up_fine = convolve(16 + 8, 16)
        self.head = nn.Conv2d(16, CLASSES, 1)

    def forward(self, x):
        # Descendre : voir plus large, en perdant la place exacte
        fine = F.relu(self.fine(x))  # 48 × 48
        middle = F.relu(self.middle(F.max_pool2d(fine, 2)))  # 24 × 24
        x = F.relu(self.deep1(F.max_pool2d(middle, 2)))  # 12 × 12
        x = F.relu(self.deep2(x))
        x = F.relu(self.deep3(x))
        # Remonter : agrandir, et reprendre les détails mis de côté
        x = torch.cat([F.interpolate(x, scale_factor=2), middle], dim=1)
        x = F.relu(self.up_middle(x))
        x = torch.cat([F.interpolate(x, scale_factor=2), fine], dim=1)
        x = F.relu(self.up_fine(x))
        return self.head(x)


model = UNet().to(memory_format=torch.channels_last)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:loss]
def loss_fn(masks, logits):
    """Entropie croisée de chaque pixel ; le fond pèse moins que l'encre."""
    errors = F.cross_entropy(logits, masks, reduction="none")
    weights = torch.where(masks == 0, BACKGROUND_WEIGHT, 1.0)
    return (weights * errors).sum() / weights.sum()


# --8<-- [end:loss]

# --8<-- [start:train]
train_loader = DataLoader(
    TensorDataset(
        torch.tensor(train_scenes[:, None]), torch.tensor(train_masks)
    ),
    batch_size=BATCH_SIZE,
    shuffle=True,
)
n_steps = EPOCHS * len(train_loader)
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)


def predict(scenes):
    model.eval()
    batches = torch.tensor(scenes[:, None]).split(100)
    with torch.no_grad():
        classes = [model(batch).argmax(dim=1) for batch in batches]
    return torch.cat(classes).numpy()


for epoch in range(EPOCHS):
    model.train()
    total_loss = 0.0
    for scenes, masks in train_loader:
        loss = loss_fn(masks, model(scenes))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total_loss += loss.item() * len(scenes)
    val_accuracy = (predict(val_scenes) == val_masks).mean()
    print(
        f"Époque {epoch + 1}/{EPOCHS}"
        f" · perte {total_loss / n_train:.3f}"
        f" · pixels justes en validation {val_accuracy:.1%}"
    )
# --8<-- [end:train]


# --8<-- [start:scores]
def class_scores(truth, prediction):
    """Dice et IoU de chaque classe, sur tous les pixels donnés."""
    pairs = truth.ravel() * CLASSES + prediction.ravel()
    counts = np.bincount(pairs, minlength=CLASSES**2)
    counts = counts.reshape(CLASSES, CLASSES)  # ligne : vraie classe
    common = counts.diagonal()
    real, predicted = counts.sum(axis=1), counts.sum(axis=0)
    dice = 2 * common / (real + predicted)
    return dice, common / (real + predicted - common)


val_predictions = predict(val_scenes)
val_dice, val_iou = class_scores(val_masks, val_predictions)
val_mean_dice = val_dice[1:].mean()
print(f"Dice moyen des dix chiffres en validation : {val_mean_dice:.3f}")
# --8<-- [end:scores]

# --8<-- [start:trap]
# Le modèle le plus paresseux : « tout est du fond »
lazy = np.zeros_like(val_masks)
lazy_accuracy = (lazy == val_masks).mean()
lazy_dice = class_scores(val_masks, lazy)[0][1:].mean()
print(f"Tout en fond : {lazy_accuracy:.1%} de pixels justes,", end=" ")
print(f"Dice moyen des chiffres {lazy_dice:.3f}")
# --8<-- [end:trap]

# --8<-- [start:judge]
predictions = predict(test_scenes)
dice, iou = class_scores(test_masks, predictions)
mean_dice, mean_iou = dice[1:].mean(), iou[1:].mean()
pixel_accuracy = (predictions == test_masks).mean()
print("classe    Dice    IoU")
for name, d, i in zip(["fond", *range(10)], dice, iou):
    print(f"{name!s:>6}   {d:.3f}  {i:.3f}")
print(f"Dice moyen des dix chiffres : {mean_dice:.3f}")
print(f"IoU moyenne des dix chiffres : {mean_iou:.3f}")
print(f"Pixels justes : {pixel_accuracy:.1%}")
# --8<-- [end:judge]

# --8<-- [start:library]
truth, answer = test_masks.ravel(), predictions.ravel()
dice_gap = abs(dice - f1_score(truth, answer, average=None)).max()
iou_gap = abs(iou - jaccard_score(truth, answer, average=None)).max()
link_gap = abs(dice - 2 * iou / (1 + iou)).max()
print(f"Dice et f1_score     : écart {dice_gap:.9f}")
print(f"IoU et jaccard_score : écart {iou_gap:.9f}")
print(f"Dice et 2 IoU / (1 + IoU) : écart {link_gap:.9f}")
# --8<-- [end:library]


# --8<-- [start:draw]
def draw_results(indices):
    grid = plt.subplots(3, 5, figsize=(9, 5.6))[1]
    for column, index in zip(grid.T, indices):
        column[0].imshow(test_scenes[index], cmap="gray", vmin=0, vmax=1)
        draw_mask(column[1], test_masks[index])
        draw_mask(column[2], predictions[index])
    for axes, title in zip(grid[:, 0], ["scène", "vérité", "réponse"]):
        axes.set_ylabel(title)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    plt.show()


draw_results(range(5))
# --8<-- [end:draw]

# --8<-- [start:mistakes]
# Deux façons de se tromper : le contour, ou le nom du chiffre
real_ink, found_ink = test_masks > 0, predictions > 0
n_forgotten = (real_ink & ~found_ink).sum()
n_added = (~real_ink & found_ink).sum()
n_misnamed = (real_ink & found_ink & (test_masks != predictions)).sum()
ink_dice = (
    2 * (real_ink & found_ink).sum() / (real_ink.sum() + found_ink.sum())
)
print(f"Encre oubliée, prise pour du fond : {n_forgotten} pixels")
print(f"Fond pris pour de l'encre         : {n_added} pixels")
print(f"Encre au nom d'un autre chiffre   : {n_misnamed} pixels")
print(f"Dice de l'encre, sans les noms    : {ink_dice:.3f}")

wrong_pixels = (predictions != test_masks).sum(axis=(1, 2))
n_mixed = sum(
    len(np.unique(p)) > len(np.unique(m))
    for p, m in zip(predictions, test_masks)
)
print(f"Scènes où apparaît un chiffre de trop : {n_mixed} sur {n_test}")
draw_results(np.argsort(-wrong_pixels, kind="stable"))
# --8<-- [end:mistakes]

# --8<-- [start:check]
assert n_parameters == 99827, "le modèle a changé"
assert lazy_accuracy > 0.8 and lazy_dice == 0, "le piège a disparu"
assert max(dice_gap, iou_gap, link_gap) < 1e-12, "calcul faux"
assert mean_dice >= 0.90, "Dice moyen trop bas sur les scènes de test"
print("Tout est vrai.")
# --8<-- [end:check]
