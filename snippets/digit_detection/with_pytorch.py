# --8<-- [start:imports]
import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import Rectangle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.special import expit, softmax
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, ops

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
SIZE = 48  # côté d'une scène, en pixels
STRIDE = 8  # côté d'une case de la grille, en pixels
GRID = SIZE // STRIDE
BATCH_SIZE = 32
EPOCHS = 3
LEARNING_RATE = 0.005

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
    """Poser des chiffres sur un fond bruité, sans que leurs boîtes mordent."""
    scenes = rng.normal(0.25, 0.1, (n_scenes, SIZE, SIZE)).clip(0, 1)
    truths = []
    for scene in scenes:
        taken = np.zeros((SIZE, SIZE), dtype=bool)
        boxes, digits = [], []
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
                boxes.append([left, top, left + width, top + height])
                digits.append(labels[index])
        truths.append((np.array(boxes, "float32"), np.array(digits)))
    return scenes.astype("float32"), truths


# --8<-- [end:compose]


# --8<-- [start:build]
rng = np.random.default_rng(SEED)
train_scenes, train_truths = make_scenes(x_train, y_train, 6000, rng)
val_scenes, val_truths = make_scenes(x_val, y_val, 500, rng)
# Le test : des scènes neuves, tirées une fois tous les réglages arrêtés
fresh = np.random.default_rng(2026)
test_scenes, test_truths = make_scenes(x_test, y_test, 500, fresh)

n_train, n_val, n_test = map(len, (train_scenes, val_scenes, test_scenes))
n_objects = sum(len(digits) for boxes, digits in train_truths)
n_test_objects = sum(len(digits) for boxes, digits in test_truths)
print(f"Scènes : {n_train} / {n_val} / {n_test}")
print(f"Chiffres posés : {n_objects} pour apprendre,", end=" ")
print(f"{n_test_objects} pour juger")
# --8<-- [end:build]


# --8<-- [start:show]
def draw_box(axes, box, color, style="-"):
    left, top, right, bottom = box
    axes.add_patch(
        Rectangle(
            (left - 0.5, top - 0.5),
            right - left,
            bottom - top,
            edgecolor=color,
            linestyle=style,
            linewidth=1.5,
            fill=False,
        )
    )


figure, grid = plt.subplots(1, 4, figsize=(9, 2.6))
for axes, scene, (boxes, digits) in zip(grid, train_scenes, train_truths):
    axes.imshow(scene, cmap="gray", vmin=0, vmax=1)
    axes.set_title(" ".join(map(str, digits)))
    axes.axis("off")
    for box in boxes:
        draw_box(axes, box, "#58d68d")
plt.show()
# --8<-- [end:show]


# --8<-- [start:encode]
def encode(truths):
    """Cible de chaque case : présence, place (2), taille (2), chiffre."""
    targets = np.zeros((len(truths), GRID, GRID, 6), "float32")
    for target, (boxes, digits) in zip(targets, truths):
        centers = (boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE
        sizes = (boxes[:, 2:] - boxes[:, :2]) / STRIDE
        columns, rows = centers.astype(int).T
        present = np.ones(len(boxes))
        target[rows, columns] = np.column_stack(
            [present, centers % 1, sizes, digits]
        )
    return targets


train_targets = encode(train_truths)
val_targets = encode(val_truths)

boxes, digits = train_truths[0]
row, column = np.argwhere(train_targets[0, ..., 0])[0]
print("Boîtes de la première scène :", boxes.astype(int).tolist())
print(f"Case ({row}, {column}) :", train_targets[0, row, column].tolist())
n_lost = n_objects - int(train_targets[..., 0].sum())
print("Chiffres perdus, deux centres dans une case :", n_lost)
# --8<-- [end:encode]


# --8<-- [start:define]
def convolve(n_inputs, n_outputs, *shrink):
    """Convolution 3 × 3, réduite ou non, normalisation par lots, ReLU."""
    return [
        nn.Conv2d(n_inputs, n_outputs, 3, padding=1, bias=False),
        *shrink,
        nn.BatchNorm2d(n_outputs),
        nn.ReLU(),
    ]


model = nn.Sequential(
    *convolve(1, 16, nn.MaxPool2d(2)),
    *convolve(16, 32, nn.MaxPool2d(2)),
    *convolve(32, 64, nn.MaxPool2d(2)),
    *convolve(64, 96),
    *convolve(96, 96),
    nn.Conv2d(96, 15, 1),  # 1 présence + 4 nombres de boîte + 10 chiffres
).to(memory_format=torch.channels_last)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:loss]
def loss_fn(targets, outputs):
    """Somme de trois pertes, ramenée au nombre de chiffres du lot."""
    present = targets[..., 0]
    presence_loss = F.binary_cross_entropy_with_logits(
        outputs[..., 0], present, reduction="none"
    )
    box_loss = (outputs[..., 1:5] - targets[..., 1:5]).abs().sum(dim=-1)
    digit_loss = F.cross_entropy(
        outputs[..., 5:].movedim(-1, 1),
        targets[..., 5].long(),
        reduction="none",
    )
    # Une case vide n'a ni boîte ni chiffre à apprendre
    total = presence_loss + present * (box_loss + digit_loss)
    return total.sum() / present.sum()


# --8<-- [end:loss]


# --8<-- [start:train]
train_loader = DataLoader(
    TensorDataset(
        torch.tensor(train_scenes[:, None]), torch.tensor(train_targets)
    ),
    batch_size=BATCH_SIZE,
    shuffle=True,
)
n_steps = EPOCHS * len(train_loader)
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)


def predict(scenes):
    model.eval()
    with torch.no_grad():
        outputs = model(torch.tensor(scenes[:, None]))
    return outputs.permute(0, 2, 3, 1).numpy()


for epoch in range(EPOCHS):
    model.train()
    total_loss = 0.0
    for scenes, targets in train_loader:
        outputs = model(scenes).permute(0, 2, 3, 1)
        loss = loss_fn(targets, outputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total_loss += loss.item() * len(scenes)
    val_outputs = predict(val_scenes)
    val_loss = loss_fn(torch.tensor(val_targets), torch.tensor(val_outputs))
    print(
        f"Époque {epoch + 1}/{EPOCHS}"
        f" · perte {total_loss / n_train:.3f}"
        f" · validation {val_loss:.3f}"
    )
# --8<-- [end:train]


# --8<-- [start:iou]
def iou(a, b):
    """IoU de chaque boîte de `a` avec chaque boîte de `b`."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (bottom_right - top_left).clip(0).prod(axis=-1)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=-1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=-1)
    return common / (area_a[:, None] + area_b - common)


# Deux carrés de côté 4, décalés de 2 : 8 pixels communs sur 24
square, shifted = np.array([[[0, 0, 4, 4]], [[2, 0, 6, 4]]])
print("IoU :", iou(square, shifted).round(3).item())

# Mille boîtes au hasard : la bibliothèque trouve la même chose
corners = rng.uniform(0, SIZE, (1000, 2))
random_boxes = np.hstack([corners, corners + rng.uniform(1, 20, (1000, 2))])
random_boxes = random_boxes.astype("float32")
tensor = torch.tensor(random_boxes)
library_iou = ops.box_iou(tensor, tensor).numpy()
iou_gap = abs(iou(random_boxes, random_boxes) - library_iou).max()
print(f"Écart avec torchvision.ops.box_iou : {iou_gap:.5f}")
# --8<-- [end:iou]


# --8<-- [start:decode]
def decode(outputs):
    """Pour chaque case : une boîte, un score, un chiffre."""
    rows, columns = np.mgrid[:GRID, :GRID]
    cells = np.stack([columns, rows], axis=-1)
    centers = (cells + outputs[..., 1:3]) * STRIDE
    sizes = outputs[..., 3:5].clip(0.1) * STRIDE
    boxes = np.concatenate([centers - sizes / 2, centers + sizes / 2], -1)
    odds = softmax(outputs[..., 5:].astype(float), axis=-1)
    scores = expit(outputs[..., 0].astype(float)) * odds.max(axis=-1)
    digits = odds.argmax(axis=-1)
    n = len(outputs)
    return (
        boxes.reshape(n, -1, 4),
        scores.reshape(n, -1),
        digits.reshape(n, -1),
    )


MIN_SCORE = 0.05
boxes, scores, digits = decode(val_outputs)
n_candidates = (scores > MIN_SCORE).sum(axis=1).mean()
n_val_truths = np.mean([len(digits) for boxes, digits in val_truths])
print(f"{n_candidates:.2f} boîtes proposées par scène de validation")
print(f"{n_val_truths:.2f} chiffres réels")
# --8<-- [end:decode]

# --8<-- [start:nms]
MAX_IOU = 0.3


def nms(boxes, scores):
    """Indices des boîtes gardées, de la plus sûre à la moins sûre."""
    kept = []
    order = np.argsort(-scores, kind="stable")
    while len(order) > 0:
        best, others = order[0], order[1:]
        kept.append(best)
        # Ce qui recouvre trop la boîte gardée décrit le même chiffre
        order = others[iou(boxes[[best]], boxes[others])[0] <= MAX_IOU]
    return np.array(kept, dtype=int)


def detect(outputs):
    """Boîtes, scores et chiffres retenus dans chaque scène."""
    found = []
    for boxes, scores, digits in zip(*decode(outputs)):
        likely = scores > MIN_SCORE
        boxes, scores, digits = boxes[likely], scores[likely], digits[likely]
        kept = nms(boxes, scores)
        found.append((boxes[kept], scores[kept], digits[kept]))
    return found


random_scores = rng.uniform(size=1000).astype("float32")
kept = nms(random_boxes, random_scores)
library_kept = ops.nms(tensor, torch.tensor(random_scores), MAX_IOU).numpy()
print(f"{len(kept)} boîtes gardées sur 1000 au hasard")
print("Comme torchvision.ops.nms :", np.array_equal(kept, library_kept))

val_found = detect(val_outputs)
n_kept = np.mean([len(scores) for boxes, scores, digits in val_found])
print(f"{n_kept:.2f} boîtes par scène de validation après le tri")
# --8<-- [end:nms]


# --8<-- [start:match]
def match(boxes, digits, true_boxes, true_digits):
    """Vrai pour chaque boîte qui trouve un chiffre réel encore libre."""
    overlap = iou(boxes, true_boxes) * (digits[:, None] == true_digits)
    hits = np.zeros(len(boxes), dtype=bool)
    for rank in range(len(boxes)):  # de la plus sûre à la moins sûre
        best = overlap[rank].argmax()
        if overlap[rank, best] >= 0.5:
            hits[rank] = True
            overlap[:, best] = 0  # ce chiffre réel est pris
    return hits


def precision_recall(scores, hits, n_truths):
    order = np.argsort(-scores, kind="stable")
    n_hits = np.cumsum(hits[order])
    return n_hits / np.arange(1, len(hits) + 1), n_hits / n_truths


def average_precision(scores, hits, n_truths):
    """Précision moyenne de COCO : 101 rappels, de 0 à 1."""
    precision, recall = precision_recall(scores, hits, n_truths)
    # La meilleure précision possible à ce rappel, ou au-delà
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    ranks = np.searchsorted(recall, np.linspace(0, 1, 101))
    return np.append(envelope, 0)[ranks].mean()  # 0 : rappel jamais atteint


# --8<-- [end:match]


# --8<-- [start:map]
def gather(found, truths):
    """Toutes les scènes bout à bout : scores, chiffres, succès, vérités."""
    hits = [match(f[0], f[2], *truth) for f, truth in zip(found, truths)]
    scores = np.concatenate([scores for boxes, scores, digits in found])
    digits = np.concatenate([digits for boxes, scores, digits in found])
    true_digits = np.concatenate([digits for boxes, digits in truths])
    return scores, digits, np.concatenate(hits), true_digits


def mean_average_precision(found, truths):
    """mAP@0,5, et la précision moyenne de chaque chiffre."""
    scores, digits, hits, true_digits = gather(found, truths)
    each = [
        average_precision(
            scores[digits == d], hits[digits == d], (true_digits == d).sum()
        )
        for d in range(10)
    ]
    return np.mean(each), np.array(each)


# Réciter la vérité doit donner exactement 1
perfect = [
    (boxes, np.ones(len(boxes)), digits) for boxes, digits in val_truths
]
perfect_map = mean_average_precision(perfect, val_truths)[0]
val_map = mean_average_precision(val_found, val_truths)[0]
print(f"mAP@0,5 de la vérité elle-même : {perfect_map:.3f}")
print(f"mAP@0,5 sur la validation      : {val_map:.3f}")
# --8<-- [end:map]

# --8<-- [start:judge]
test_found = detect(predict(test_scenes))
test_map, each_ap = mean_average_precision(test_found, test_truths)
print(f"mAP@0,5 sur les scènes de test : {test_map:.3f}")
for digit, ap in enumerate(each_ap):
    print(f"  précision moyenne du {digit} : {ap:.3f}")
# --8<-- [end:judge]


# --8<-- [start:coco]
def record(image, box, digit, **more):
    """Une boîte à la manière de COCO : gauche, haut, largeur, hauteur."""
    left, top, right, bottom = (float(side) for side in box)
    place = [left, top, right - left, bottom - top]
    return {"image_id": image, "category_id": int(digit), "bbox": place} | more


known = [
    record(image, box, digit, area=float(np.prod(box[2:] - box[:2])))
    for image, truth in enumerate(test_truths, 1)
    for box, digit in zip(*truth)
]
proposed = [
    record(image, box, digit, score=float(score))
    for image, answer in enumerate(test_found, 1)
    for box, score, digit in zip(*answer)
]
with contextlib.redirect_stdout(io.StringIO()):  # elle est bavarde
    reference = COCO()
    reference.dataset = {
        "info": {},
        "images": [{"id": rank + 1} for rank in range(len(test_truths))],
        "categories": [{"id": digit} for digit in range(10)],
        "annotations": [
            item | {"id": rank, "iscrowd": 0}
            for rank, item in enumerate(known, 1)
        ],
    }
    reference.createIndex()
    referee = COCOeval(reference, reference.loadRes(proposed), "bbox")
    referee.params.iouThrs = np.array([0.5])
    referee.evaluate()
    referee.accumulate()

# Axes : seuil d'IoU, rappel, classe, taille des objets, boîtes par image
coco_each = referee.eval["precision"][0, :, :, 0, -1].mean(axis=0)
map_gap = np.abs(each_ap - coco_each).max()
print(f"mAP@0,5 selon pycocotools : {coco_each.mean():.3f}")
print(f"Plus grand écart, classe par classe : {map_gap:.9f}")
# --8<-- [end:coco]

# --8<-- [start:curve]
scores, digits, hits, true_digits = gather(test_found, test_truths)
worst = int(each_ap.argmin())
chosen, n_truths = digits == worst, (true_digits == worst).sum()
precision, recall = precision_recall(scores[chosen], hits[chosen], n_truths)
envelope = np.maximum.accumulate(precision[::-1])[::-1]
figure, axes = plt.subplots(figsize=(6, 3.6))
axes.plot(recall, precision, label="précision")
axes.step(recall, envelope, where="pre", linestyle="--", label="palier")
axes.set(xlabel="rappel", ylabel="précision", xlim=(0, 1.02), ylim=(0, 1.05))
axes.legend(loc="lower left")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:draw]
MIN_SHOWN = 0.5  # au-dessous, on n'affiche pas


def draw_scene(axes, scene, found, truth):
    axes.imshow(scene, cmap="gray", vmin=0, vmax=1)
    axes.autoscale(False)
    axes.axis("off")
    for box in truth[0]:
        draw_box(axes, box, "#58d68d", "--")
    sure = found[1] > MIN_SHOWN
    for box, digit in zip(found[0][sure], found[2][sure]):
        draw_box(axes, box, "#ff9f43")
        # Le chiffre lu, dessiné au-dessus de sa boîte
        axes.plot(
            box[0] + 1,
            box[1] - 3,
            marker=f"${digit}$",
            color="#ff9f43",
            clip_on=False,
        )


figure, grid = plt.subplots(2, 4, figsize=(9, 4.8))
for axes, *example in zip(grid.flat, test_scenes, test_found, test_truths):
    draw_scene(axes, *example)
plt.show()
# --8<-- [end:draw]

# --8<-- [start:mistakes]
n_right = n_wrong_digit = n_misplaced = n_missed = 0
failed = []
for index, (found, truth) in enumerate(zip(test_found, test_truths)):
    sure = found[1] > MIN_SHOWN
    boxes, digits = found[0][sure], found[2][sure]
    hits = match(boxes, digits, *truth)
    # Bien placée, quel que soit le chiffre lu
    placed = match(boxes, np.zeros(len(boxes)), truth[0], np.zeros(1))
    n_right += hits.sum()
    n_wrong_digit += (placed & ~hits).sum()
    n_misplaced += (~placed).sum()
    n_missed += len(truth[0]) - placed.sum()
    if not (hits.all() and len(hits) == len(truth[0])):
        failed.append(index)

shown_precision = n_right / (n_right + n_wrong_digit + n_misplaced)
shown_recall = n_right / n_test_objects
n_failed = len(failed)
print(f"Bonnes boîtes, bons chiffres : {n_right}")
print(f"Bien placées, mal lues       : {n_wrong_digit}")
print(f"Mal placées, ou de trop      : {n_misplaced}")
print(f"Chiffres sans bonne boîte    : {n_missed}")
print(f"Précision {shown_precision:.1%}, rappel {shown_recall:.1%}")
print(f"Scènes avec au moins une erreur : {n_failed} sur {n_test}")

figure, grid = plt.subplots(2, 4, figsize=(9, 4.8))
for axes, index in zip(grid.flat, failed):
    draw_scene(axes, test_scenes[index], test_found[index], test_truths[index])
plt.show()
# --8<-- [end:mistakes]

# --8<-- [start:check]
assert n_parameters == 163487, "le modèle a changé"
assert iou_gap < 1e-5, "notre IoU n'est pas celle de la bibliothèque"
assert np.array_equal(kept, library_kept), "notre tri n'est pas le sien"
assert perfect_map == 1, "la vérité devrait obtenir 1"
assert map_gap < 1e-9, "notre mAP n'est pas celle de pycocotools"
assert test_map >= 0.90, "mAP@0,5 trop basse sur les scènes de test"
print("Tout est vrai.")
# --8<-- [end:check]
