# --8<-- [start:imports]
"""Les mêmes photographies, cinq moteurs : mêmes réponses, autres durées."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from batcher import Batcher
from naive import app as naive_app
from naive import network
from PIL import Image
from skimage import data
from steps import BUILDERS, create_app

# --8<-- [end:imports]


# --8<-- [start:photos]
def as_jpeg(image):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    return stream.getvalue()


photos = [
    as_jpeg(Image.fromarray(pixels))
    for pixels in (data.chelsea(), data.coffee())
]
print("Deux photographies :", [f"{len(p) // 1000} Ko" for p in photos])
# --8<-- [end:photos]


# --8<-- [start:naive]
def ask(app, photo):
    """Nom et probabilité de la meilleure réponse de l'API."""
    files = {"image": (io.BytesIO(photo), "photo.jpg")}
    response = app.test_client().post("/predict", data=files)
    best = response.json["predictions"][0]
    return best["etiquette"], best["probabilite"]


expected = [ask(naive_app, photo) for photo in photos]
for name, chance in expected:
    print(f"{name} ({chance:.1%})")
# --8<-- [end:naive]

# --8<-- [start:export]
network.export("mobilenet.tflite", format="litert", verbose=False)
# --8<-- [end:export]


# --8<-- [start:time]
REPEATS = 12


def median_time(app):
    """Durée médiane d'une requête, en millisecondes, une fois chaud."""
    ask(app, photos[0])
    durations = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask(app, photos[0])
        durations.append(1000 * (time.perf_counter() - began))
    return np.median(durations)


times, same, gap = {}, 0, 0
for name in BUILDERS:
    app = create_app(name)
    for photo, (label, chance) in zip(photos, expected, strict=True):
        found, probability = ask(app, photo)
        same += found == label
        gap = max(gap, abs(probability - chance))
    times[name] = median_time(app)
    print(f"{name} : {times[name]:.1f} ms par requête")
print(f"Mêmes réponses : {same} sur {len(BUILDERS) * len(photos)}")
print(f"Plus grand écart de probabilité : {gap:.6f}")
# --8<-- [end:time]

# --8<-- [start:failure]
sizes = []


def fragile(batch):
    """Un moteur qui note la taille de ses lots, et refuse le noir."""
    sizes.append(len(batch))
    if (batch == 0).all():
        raise ValueError("image noire")
    return batch.sum(axis=(1, 2, 3), keepdims=True)[:, :, 0, 0]


together = Batcher(fragile, size=4, wait=0.5)
images = [np.full((1, 2, 2, 3), value) for value in (1, 2, 3, 4)]
with ThreadPoolExecutor(4) as pool:
    sums = [scores.item() for scores in pool.map(together, images)]
print("Sommes :", sums, "· lots :", sizes)
refused = ""
try:
    together(np.zeros((1, 2, 2, 3)))
except ValueError as error:
    refused = str(error)
print("Refusée :", refused)
# --8<-- [end:failure]

# --8<-- [start:draft]
large = Image.fromarray(data.astronaut()).resize((4000, 4000))
large = as_jpeg(large)


def decode(size):
    """Pixels de la grande photo ; `size` : taille dont on se contente."""
    image = Image.open(io.BytesIO(large))
    if size:
        image.draft(None, (size, size))
    return image.convert("RGB")


decode_times, thumbnails = {}, {}
for size in (None, 448):
    began = time.perf_counter()
    image = decode(size)
    decode_times[size] = 1000 * (time.perf_counter() - began)
    thumbnails[size] = np.asarray(image.resize((224, 224)), dtype=float)
    print(f"{image.width} × {image.height} : {decode_times[size]:.0f} ms")
draft_gain = decode_times[None] / decode_times[448]
draft_gap = np.abs(thumbnails[None] - thumbnails[448]).mean()
print(f"Écart moyen, une fois réduites : {draft_gap:.2f} sur 255")
# --8<-- [end:draft]

# --8<-- [start:check]
predict_time, graph_time = times["predict"], times["graph"]
litert_time = times["litert"]
assert same == len(BUILDERS) * len(photos), "un moteur répond autrement"
assert gap < 1e-3, "un moteur calcule autre chose"
assert sums == [12, 24, 36, 48], "une requête a reçu la réponse d'une autre"
assert sizes[0] == 4 and refused == "image noire"
assert draft_gain > 1.5, "`draft` devrait abréger le décodage"
assert graph_time < predict_time, "le graphe devrait aller plus vite"
print("Tout est vrai.")
# --8<-- [end:check]
