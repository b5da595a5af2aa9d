# --8<-- [start:imports]
"""L'API que publient bien des tutoriels : juste, et lente."""

import numpy as np
from flask import Flask, request
from keras.applications import mobilenet_v2
from PIL import Image, ImageOps

# --8<-- [end:imports]

# --8<-- [start:prepare]
SIDE = 224  # côté des images que le réseau attend


def prepare(file):
    """Lot d'une image (1, 224, 224, 3), valeurs de -1 à 1."""
    image = Image.open(file).convert("RGB")
    image = ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype="float32")[np.newaxis]
    return mobilenet_v2.preprocess_input(pixels)


def explain(scores):
    """Les cinq meilleures réponses d'une image, en JSON."""
    (found,) = mobilenet_v2.decode_predictions(scores, top=5)
    rows = [{"etiquette": n, "probabilite": float(p)} for _, n, p in found]
    return {"predictions": rows}


# --8<-- [end:prepare]

# --8<-- [start:serve]
app = Flask(__name__)
network = mobilenet_v2.MobileNetV2(weights="imagenet")


@app.post("/predict")
def predict():
    scores = network.predict(prepare(request.files["image"]), verbose=0)
    return explain(scores)


# --8<-- [end:serve]
