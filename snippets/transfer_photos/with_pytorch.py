# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from skimage import data
from torch import nn
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 0
SIDE = 32  # côté d'une vignette, en pixels
CLASSES = ["brique", "herbe", "gravier"]
# Colonnes de vignettes de chaque zone ; 6 et 9 séparent, et ne servent pas
ZONES = {"train": (0, 6), "val": (7, 9), "test": (10, 16)}
KEPT = {"train": 24, "val": 16, "test": 32}  # vignettes par photo
SHOTS = [1, 5, 20]  # vignettes étiquetées par classe
DRAWS = 3  # tirages de vignettes pour chaque nombre
BATCH_SIZE = 32
STEPS = 100
RATES = [0.001, 0.01]

torch.manual_seed(SEED)
torch.set_num_threads(1)  # un petit réseau va plus vite sur un seul fil
# --8<-- [end:settings]

# --8<-- [start:data]
photos = [data.brick(), data.grass(), data.gravel()]


def cut(photo, zone):
    # Des vignettes qui se touchent sans se recouvrir, toutes dans la zone
    first, last = ZONES[zone]
    strip = photo[:, first * SIDE : last * SIDE]
    tiles = strip.reshape(-1, SIDE, last - first, SIDE).swapaxes(1, 2)
    return tiles.reshape(-1, SIDE, SIDE)


def same_light(tiles):
    # Même clarté, même contraste : il ne reste que la texture
    mean = tiles.mean(axis=(1, 2), keepdims=True)
    spread = tiles.std(axis=(1, 2), keepdims=True)
    return (127.5 + 50 * (tiles - mean) / spread).clip(0, 255).astype("uint8")


def gather(zone):
    generator = np.random.default_rng(SEED)
    found = [
        generator.choice(cut(photo, zone), KEPT[zone], replace=False)
        for photo in photos
    ]
    labels = np.repeat(np.arange(len(CLASSES)), KEPT[zone])
    return same_light(np.concatenate(found)), torch.tensor(labels)


tiles_train, y_train = gather("train")
tiles_val, y_val = gather("val")
tiles_test, y_test = gather("test")
n_tiles = len(tiles_train) + len(tiles_val) + len(tiles_test)
print("Réserve    :", tiles_train.shape)
print("Validation :", tiles_val.shape)
print("Test       :", tiles_test.shape)
# --8<-- [end:data]

# --8<-- [start:look]
figure, grid = plt.subplots(3, 9, figsize=(9, 3.4))
for line, name in enumerate(CLASSES):
    for column, zone_tiles in enumerate([tiles_train, tiles_val, tiles_test]):
        start = line * len(zone_tiles) // 3
        for shift in range(3):
            axes = grid[line, 3 * column + shift]
            axes.imshow(zone_tiles[start + shift], cmap="gray")
            axes.axis("off")
    grid[line, 0].set_title(name, fontsize=9)
plt.show()
# --8<-- [end:look]

# --8<-- [start:trunk]
weights = MobileNet_V2_Weights.DEFAULT
# Agrandir à 232, rogner à 224, normaliser comme à l'origine
prepare = weights.transforms()
trunk = mobilenet_v2(weights=weights).features
trunk.requires_grad_(False)  # gelé : aucun poids du tronc ne sera corrigé
trunk.eval()  # et les statistiques de normalisation ne bougent pas
n_trunk = sum(p.numel() for p in trunk.parameters())
print(f"Tronc : {n_trunk} paramètres, tous gelés")
# --8<-- [end:trunk]


# --8<-- [start:extract]
def extract(tiles):
    features = []
    for batch in torch.tensor(tiles).split(24):
        # Le tronc attend trois couleurs : répéter le gris
        images = prepare(batch.unsqueeze(1).repeat(1, 3, 1, 1))
        with torch.no_grad():
            maps = trunk(images)
        features.append(maps.mean(dim=(2, 3)))  # une moyenne par carte
    return torch.cat(features)


# Une seule fois par vignette : le tronc gelé répondrait toujours pareil
f_train, f_val, f_test = map(extract, [tiles_train, tiles_val, tiles_test])
n_features = f_train.shape[1]
print("Caractéristiques :", tuple(f_train.shape))
# --8<-- [end:extract]

# --8<-- [start:pixels]
x_train, x_val, x_test = (
    torch.tensor(tiles).float() / 127.5 - 1
    for tiles in (tiles_train, tiles_val, tiles_test)
)
# --8<-- [end:pixels]


# --8<-- [start:define]
def build_cnn():
    return nn.Sequential(
        nn.Unflatten(1, (1, SIDE)),
        nn.Conv2d(1, 16, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 3),
    )


def build_head(n_inputs):
    return nn.Sequential(nn.Flatten(), nn.Linear(n_inputs, 3))


model = build_cnn()
n_cnn = sum(p.numel() for p in model.parameters())
n_head = sum(p.numel() for p in build_head(1280).parameters())
print(f"Petit CNN : {n_cnn} paramètres · tête seule : {n_head}")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:train]
def train(model, x, y, learning_rate):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(STEPS):
        rows = torch.randint(len(x), (BATCH_SIZE,))
        loss = loss_fn(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


# --8<-- [end:train]


# --8<-- [start:methods]
# Un modèle neuf à chaque essai, et ce qu'on lui donne à lire
methods = {
    "tronc gelé": (lambda: build_head(n_features), f_train, f_val, f_test),
    "CNN de zéro": (build_cnn, x_train, x_val, x_test),
    "pixels seuls": (lambda: build_head(SIDE**2), x_train, x_val, x_test),
}


def attempt(name, shots, draw, learning_rate):
    build, reserve = methods[name][:2]
    generator = np.random.default_rng(draw)
    rows = np.concatenate(
        [
            generator.choice(np.flatnonzero(y_train == label), shots, False)
            for label in range(len(CLASSES))
        ]
    )
    candidate = build()
    train(candidate, reserve[rows], y_train[rows], learning_rate)
    return candidate


# Le taux de chaque méthode se choisit sur la validation
rates = {}
for name, (_, _, validation, _) in methods.items():
    scores = []
    for rate in RATES:
        candidate = attempt(name, 10, draw=99, learning_rate=rate)
        scores.append(accuracy(candidate, validation, y_val))
    rates[name] = RATES[int(np.argmax(scores))]
    line = "".join(f"{score:8.1%}" for score in scores)
    print(f"{name:12}{line} · taux retenu {rates[name]}")
# --8<-- [end:methods]

# --8<-- [start:curve]
results = {name: [] for name in methods}
print("étiquettes  " + "".join(f"{name:>14}" for name in methods))
for shots in SHOTS:
    for name, (_, _, _, judged) in methods.items():
        scores = []
        for draw in range(DRAWS):
            candidate = attempt(name, shots, draw, rates[name])
            scores.append(accuracy(candidate, judged, y_test))
        results[name].append(scores)
    line = "".join(f"{np.mean(results[name][-1]):14.1%}" for name in methods)
    print(f"{shots:2} / classe {line}")
# --8<-- [end:curve]

# --8<-- [start:plot]
figure, axes = plt.subplots(figsize=(7, 3.8))
for (name, scores), marker in zip(results.items(), "os^"):
    scores = np.array(scores)
    axes.plot(SHOTS, scores.mean(axis=1), marker=marker, label=name)
    axes.fill_between(SHOTS, scores.min(axis=1), scores.max(axis=1), alpha=0.2)
axes.axhline(1 / 3, linestyle=":", color="gray", label="au hasard")
axes.set_xscale("log")
axes.set_xticks(SHOTS, [str(shots) for shots in SHOTS])
axes.set(xlabel="vignettes étiquetées par classe", ylabel="exactitude (test)")
axes.legend()
plt.show()
means = {name: np.mean(scores, axis=1) for name, scores in results.items()}
frozen_one, frozen_five, frozen_many = means["tronc gelé"]
scratch_one, scratch_five, scratch_many = means["CNN de zéro"]
pixels_many = means["pixels seuls"][-1]
frozen_gap = np.ptp(results["tronc gelé"][0])
# --8<-- [end:plot]

# --8<-- [start:check]
assert n_tiles <= 400, "l'extraction doit rester courte"
assert n_features == 1280, "une caractéristique par carte du tronc"
assert not any(p.requires_grad for p in trunk.parameters()), "tronc non gelé"
assert frozen_many > 0.8, "vingt vignettes par classe devraient suffire"
assert frozen_many > pixels_many + 0.2, "le tronc doit servir à quelque chose"
assert frozen_one > scratch_one + 0.2, "le tronc devait gagner à une"
assert frozen_five > scratch_five + 0.1, "le tronc devait gagner à cinq"
assert frozen_many > scratch_many, "le tronc devait gagner à vingt"
assert scratch_many > scratch_one, "plus d'étiquettes devraient aider"
print("Tout est vrai.")
# --8<-- [end:check]
