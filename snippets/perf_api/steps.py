# --8<-- [start:app]
"""La même API, dont on choisit le moteur."""

import engines
import numpy as np
from batcher import Batcher
from flask import Flask, request
from naive import explain, network, prepare

BUILDERS = {
    "predict": lambda: engines.with_predict(network),
    "call": lambda: engines.with_call(network),
    "graph": lambda: engines.with_graph(network),
    "batches": lambda: Batcher(engines.with_graph(network)),
    "litert": lambda: engines.with_litert("mobilenet.tflite"),
}


def create_app(name):
    """L'application, son moteur déjà chauffé."""
    app = Flask(__name__)
    forward = BUILDERS[name]()
    forward(np.zeros((1, 224, 224, 3), dtype="float32"))

    @app.post("/predict")
    def predict():
        return explain(forward(prepare(request.files["image"])))

    return app


# --8<-- [end:app]
