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
SIDE = 224  # côté des images que le réseau attend
CATS = {"tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat"}
CLASSES = ["brique", "herbe", "gravier"]
CROP = 112  # côté des carrés découpés dans les textures
EPOCHS = 3
BATCH_SIZE = 6
LEARNING_RATE = 0.003

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
weights = MobileNet_V2_Weights.DEFAULT
imagenet_model = mobilenet_v2(weights=weights)
imagenet_model.eval()  # ni abandon, ni statistiques du lot
categories = weights.meta["categories"]
n_weights = sum(p.numel() for p in imagenet_model.parameters())
print("Premières classes :", ", ".join(categories[:3]))
print("Sortie :", len(categories), "scores")
print(n_weights, "poids appris sur ImageNet")
# --8<-- [end:load]

# --8<-- [start:photos]
chelsea, coffee = data.chelsea(), data.coffee()
for name, photo in [("chelsea", chelsea), ("coffee", coffee)]:
    print(name, photo.shape, photo.dtype, photo.min(), "à", photo.max())
# --8<-- [end:photos]

# --8<-- [start:prepare]
transform = weights.transforms()  # la préparation livrée avec les poids
print(transform)


def prepare(photos):
    # PyTorch attend les couleurs avant la hauteur et la largeur
    return transform(torch.tensor(photos).permute(0, 3, 1, 2))


cat, cup = prepare(chelsea[None]), prepare(coffee[None])
print("Forme :", tuple(cat.shape))
print(f"Pixels : de {cat.min():.2f} à {cat.max():.2f}")
# --8<-- [end:prepare]

# --8<-- [start:seen]
mean = torch.tensor(transform.mean).reshape(3, 1, 1)
std = torch.tensor(transform.std).reshape(3, 1, 1)
figure, grid = plt.subplots(1, 4, figsize=(9, 2.4))
seen = [(x[0] * std + mean).clip(0, 1).permute(1, 2, 0) for x in (cat, cup)]
shown = [chelsea, seen[0], coffee, seen[1]]
titles = ["photo", "vue par le réseau"] * 2
for axes, image, title in zip(grid, shown, titles):
    axes.imshow(image)
    axes.set_title(title, fontsize=10)
    axes.axis("off")
plt.show()
# --8<-- [end:seen]


# --8<-- [start:predict]
def predict(network, images):
    with torch.no_grad():
        return network(images).softmax(dim=1)


def top5(probabilities):
    values, places = probabilities[0].topk(5)
    return [
        (categories[place], value)
        for place, value in zip(places.tolist(), values.tolist())
    ]


answers = {
    "chelsea": top5(predict(imagenet_model, cat)),
    "coffee": top5(predict(imagenet_model, cup)),
}
for photo, answer in answers.items():
    print(photo)
    for name, probability in answer:
        print(f"  {probability:6.1%}  {name}")
# --8<-- [end:predict]

# --8<-- [start:bars]
figure, grid = plt.subplots(1, 2, figsize=(9, 2.6))
for axes, (photo, answer) in zip(grid, answers.items()):
    names, probabilities = zip(*answer)
    axes.barh(names, probabilities)
    axes.invert_yaxis()  # la réponse la plus probable en haut
    axes.set(title=photo, xlabel="probabilité", xlim=(0, 1))
figure.tight_layout()
plt.show()
# --8<-- [end:bars]


# --8<-- [start:forgotten]
def right_answers(images):
    # Probabilité d'un chat sur la première image, d'un espresso sur l'autre
    cat_row, cup_row = predict(imagenet_model, images)
    cats = sum(cat_row[categories.index(name)].item() for name in CATS)
    return cats, cup_row[categories.index("espresso")].item()


# Les mêmes images, revenues entre 0 et 1
unit = torch.cat([cat, cup]) * std + mean
preparations = {
    "celle du réseau : centrée": (unit - mean) / std,
    "un autre usage : 0 à 1": unit,
    "oubliée : 0 à 255": unit * 255,
}
results = {}
for name, images in preparations.items():
    results[name] = right_answers(images)
    print(f"{name:25} chat {results[name][0]:6.1%}", end="")
    print(f" · espresso {results[name][1]:6.1%}")
cat_right, cup_right = results["celle du réseau : centrée"]
cat_forgotten, cup_forgotten = results["oubliée : 0 à 255"]
# --8<-- [end:forgotten]

# --8<-- [start:behead]
# Tout le réseau, sauf sa dernière couche
base = nn.Sequential(
    imagenet_model.features,
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
)
base.requires_grad_(False)  # gelé : aucun de ses poids ne sera corrigé
base.eval()  # et les statistiques de normalisation ne bougent pas
with torch.no_grad():
    features = base(cat)
n_features = features.shape[1]
print("La base rend", n_features, "nombres par image")
# --8<-- [end:behead]

# --8<-- [start:nonsense]
nonsense = []
for seed in range(4):
    torch.manual_seed(seed)
    untrained = nn.Linear(n_features, 1000)
    answer = top5(predict(untrained, features))
    nonsense.append(answer[0])
    print(f"Tête n° {seed + 1} : {answer[0][0]} ({answer[0][1]:.1%})")
# --8<-- [end:nonsense]

# --8<-- [start:crops]
textures = [data.brick(), data.grass(), data.gravel()]
generator = np.random.default_rng(SEED)


def cut(photo, left, right, count):
    # Des carrés tirés au hasard entre deux colonnes de la photo
    rows = generator.integers(0, len(photo) - CROP, count)
    columns = generator.integers(left, right - CROP, count)
    return [
        photo[row : row + CROP, column : column + CROP]
        for row, column in zip(rows, columns)
    ]


def gather(left, right, count):
    crops = [
        crop for photo in textures for crop in cut(photo, left, right, count)
    ]
    labels = np.repeat(np.arange(len(CLASSES)), count)
    # Le réseau attend trois couleurs : répéter le gris
    colored = np.repeat(np.stack(crops)[..., None], 3, axis=-1)
    return colored, torch.tensor(labels)


# La gauche de chaque photo pour apprendre, la droite pour juger
crops_train, y_train = gather(0, 224, count=8)
crops_test, y_test = gather(288, 512, count=8)
x_train, x_test = prepare(crops_train), prepare(crops_test)
print("Apprendre :", tuple(x_train.shape), "· juger :", tuple(x_test.shape))
# --8<-- [end:crops]

# --8<-- [start:head]
torch.manual_seed(SEED)
model = nn.Sequential(
    nn.Linear(1280, len(CLASSES)),
)
print(sum(p.numel() for p in model.parameters()), "poids à apprendre")
# --8<-- [end:head]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]

# --8<-- [start:assemble]
classifier = nn.Sequential(base, model)
# L'optimiseur ne reçoit que les poids libres
free = [p for p in classifier.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(free, lr=LEARNING_RATE)
n_trained = sum(p.numel() for p in free)
print(n_trained, "poids à apprendre dans l'ensemble")
# --8<-- [end:assemble]


# --8<-- [start:train]
def accuracy(network):
    right = predict(network, x_test).argmax(dim=1) == y_test
    return right.float().mean().item()


accuracy_before = accuracy(classifier)
for epoch in range(EPOCHS):
    classifier.train()
    base.eval()  # train() vient de la réveiller : la rendormir
    losses = []
    for rows in torch.randperm(len(x_train)).split(BATCH_SIZE):
        loss = loss_fn(classifier(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"Époque {epoch + 1} · perte {np.mean(losses):.3f}")
classifier.eval()
test_accuracy = accuracy(classifier)
print(f"Exactitude sur le test : {accuracy_before:.0%} avant l'entraînement")
print(f"                         {test_accuracy:.0%} après")
# --8<-- [end:train]

# --8<-- [start:forced]
# Un chat devant un classifieur qui ne connaît que trois textures
forced = predict(classifier, cat)[0]
print("Somme des trois probabilités :", round(forced.sum().item(), 3))
print(f"La plus haute : {forced.max():.0%}")
# --8<-- [end:forced]

# --8<-- [start:check]
assert answers["chelsea"][0][0] in CATS, "le chat n'est pas reconnu"
assert answers["coffee"][0][0] == "espresso", "l'espresso n'est pas reconnu"
assert cup_forgotten < cup_right, "oublier la préparation devrait coûter"
assert all(p < 0.2 for _, p in nonsense), "une tête au hasard est trop sûre"
assert n_trained == n_features * 3 + 3, "la base n'est pas gelée"
assert torch.equal(base(cat), features), "base modifiée"
assert test_accuracy > 0.8, "la tête n'a pas appris"
print("Tout est vrai.")
# --8<-- [end:check]
