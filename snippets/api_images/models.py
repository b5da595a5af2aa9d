# --8<-- [start:imports]
"""Charger un modèle une fois, puis prédire."""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
from images import prepare_digit, prepare_photo
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from settings import SettingsError

HERE = Path(__file__).resolve().parent
# --8<-- [end:imports]


# --8<-- [start:model]
@dataclass(frozen=True)
class Model:
    """Un réseau, la préparation de ses images, le nom de ses réponses."""

    name: str
    version: str
    labels: list[tuple[str, str]]  # en anglais, en français
    prepare: Callable  # image Pillow → tableau
    forward: Callable  # lot de tableaux → lot de scores

    @property
    def identity(self):
        return {"nom": self.name, "version": self.version}

    def scores(self, image):
        found = np.asarray(self.forward(self.prepare(image)[np.newaxis]))
        if not np.isfinite(found).all():
            raise ValueError("un score n'est pas un nombre fini")
        return found

    def predict(self, image):
        """Les cinq réponses les plus probables, la meilleure d'abord."""
        chances = probabilities(self.scores(image)[0])
        best = np.argsort(-chances, kind="stable")[:5]
        return [
            {
                "etiquette": self.labels[rank][0],
                "etiquette_fr": self.labels[rank][1],
                "probabilite": round(float(chances[rank]), 4),
            }
            for rank in best
        ]


def probabilities(scores):
    """Scores → probabilités ; celles d'un modèle qui en rend restent là."""
    scores = scores.astype("float64")
    if scores.min() >= 0 and abs(scores.sum() - 1) < 1e-3:
        return scores
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


# --8<-- [end:model]


# --8<-- [start:files]
def fingerprint(path):
    """Douze signes qui changent dès que les poids changent."""
    digest = hashlib.sha256(Path(path).read_bytes())
    beside = Path(f"{path}.data")  # PyTorch y range les poids d'un grand ONNX
    if beside.is_file():
        digest.update(beside.read_bytes())
    return digest.hexdigest()[:12]


def read_labels(path):
    """Un nom par ligne, ou l'anglais et le français en fin de ligne."""
    lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    rows = [line.split("\t") for line in lines if line.strip()]
    return [(cells[-2:][0], cells[-1]) for cells in rows]


# --8<-- [end:files]


# --8<-- [start:digits]
def load_digits(settings):
    """Le CNN du cours : poids sur huit bits, calcul en NumPy."""
    path = HERE / "models" / "cnn_mnist.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    entry = content["image"]
    inside = slice(entry["marge"], entry["marge"] + entry["cote"])
    layers = [
        (
            np.frombuffer(base64.b64decode(layer["poids"]), dtype="int8")
            .reshape(layer["forme"])
            .astype("float32"),
            np.array(layer["echelle"], dtype="float32"),
            np.array(layer["decalage"], dtype="float32"),
        )
        for layer in content["couches"]
    ]

    def prepare(image):
        pixels = prepare_digit(image)[np.newaxis, inside, inside]
        return (pixels - entry["moyenne"]) / entry["ecart"]

    labels = read_labels(HERE / "models" / "chiffres.txt")
    forward = partial(run_layers, layers)
    return Model("chiffres", fingerprint(path), labels, prepare, forward)


# --8<-- [end:digits]


# --8<-- [start:layers]
def run_layers(layers, values):
    """Passage avant : convolution, *pooling*, échelle, ReLU."""
    for rank, (weights, scale, shift) in enumerate(layers):
        if weights.ndim == 4:
            values = convolve_and_pool(values, weights)
            scale, shift = scale[:, None, None], shift[:, None, None]
        else:
            values = values.reshape(len(values), -1) @ weights.T
        values = values * scale + shift
        if rank < len(layers) - 1:
            values = np.maximum(values, 0)
    return values


def convolve_and_pool(maps, kernels):
    """Convolution sans bord, puis plus grand de chaque carré de 2 sur 2."""
    windows = sliding_window_view(maps, kernels.shape[2:], axis=(2, 3))
    sums = np.tensordot(windows, kernels, axes=((1, 4, 5), (1, 2, 3)))
    n, height, width, channels = sums.shape
    blocks = sums.reshape(n, height // 2, 2, width // 2, 2, channels)
    return blocks.max(axis=(2, 4)).transpose(0, 3, 1, 2)


# --8<-- [end:layers]

# --8<-- [start:mobilenet]
WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
SOURCE = (
    "https://storage.googleapis.com/tensorflow/"
    "keras-applications/mobilenet_v2/"
)


def load_mobilenet(settings):
    """MobileNetV2 : mille classes d'ImageNet, poids de Keras."""
    import keras  # lourd : chargé seulement si on le demande

    # Repris du cache de Keras s'ils y sont, téléchargés sinon
    path = keras.utils.get_file(
        WEIGHTS, SOURCE + WEIGHTS, cache_subdir="models"
    )
    network = keras.applications.MobileNetV2(weights=path)
    prepare = partial(
        prepare_photo, height=224, width=224, colors=3, pixels=(-1, 1)
    )
    labels = read_labels(HERE / "labels_fr.tsv")
    # Compilé, sans la longue mise en route de `predict`
    forward = network.predict_on_batch
    return Model("mobilenet", fingerprint(path), labels, prepare, forward)


# --8<-- [end:mobilenet]


# --8<-- [start:own]
def load_keras(settings):
    """Votre modèle, enregistré par Keras."""
    import keras

    network = keras.saving.load_model(settings.model, compile=False)
    return own_model(settings, network.input_shape, network.predict_on_batch)


def load_onnx(settings):
    """Votre modèle, quel que soit le framework qui l'a entraîné."""
    if settings.engine != "onnxruntime":
        return own_model(settings, *with_openvino(settings))
    import onnxruntime

    # Un fil par calcul : ce sont les requêtes qui se partagent les cœurs
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        settings.model, options, providers=["CPUExecutionProvider"]
    )
    entry = session.get_inputs()[0]
    return own_model(
        settings,
        entry.shape,
        lambda values: session.run(None, {entry.name: values})[0],
    )


def own_model(settings, shape, forward):
    """Modèle d'après la forme de son entrée : couleurs à la fin, ou non."""
    match list(shape):
        case [_, int(height), int(width), 1 | 3 as colors]:
            order = (0, 1, 2)
        case [_, 1 | 3 as colors, int(height), int(width)]:
            order = (2, 0, 1)
        case _:
            raise SettingsError(
                "MODELE",
                settings.model,
                f"entrée {list(shape)} incomprise ; il faut"
                " (lot, hauteur, largeur, couleurs) ou"
                " (lot, couleurs, hauteur, largeur), et 1 ou 3 couleurs.",
            )

    def prepare(image):
        return prepare_photo(
            image, height, width, colors, settings.pixels
        ).transpose(order)

    path = Path(settings.model)
    labels = read_labels(settings.labels)
    return Model(path.stem, fingerprint(path), labels, prepare, forward)


# --8<-- [end:own]


# --8<-- [start:openvino]
def with_openvino(settings):
    """Le même fichier ONNX : forme de son entrée, calcul par OpenVINO."""
    # Sans ce paquet, OpenVINO n'envoie pas de statistiques à son éditeur
    sys.modules["openvino_telemetry"] = None
    import openvino

    network = openvino.Core().read_model(settings.model)
    entry = network.inputs[0].get_partial_shape()
    shape = [side.get_length() if side.is_static else None for side in entry]
    network.reshape([1, *shape[1:]])  # une image à la fois
    bf16 = settings.engine == "openvino-bf16"
    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        # Autant de calculs de front que de fils, chacun sur un seul cœur…
        "NUM_STREAMS": settings.threads,
        "INFERENCE_NUM_THREADS": settings.threads,
        # … que le système choisit : deux processus prendraient le même
        "ENABLE_CPU_PINNING": False,
    }
    compiled = openvino.compile_model(network, "CPU", options)
    free = SimpleQueue()
    for _ in range(settings.threads):
        free.put(compiled.create_infer_request())

    def forward(values):
        request = free.get()  # chacune ne mène qu'un calcul à la fois
        try:
            return request.infer([values], share_inputs=True)[0]
        finally:
            free.put(request)

    return shape, forward


# --8<-- [end:openvino]

# --8<-- [start:load]
LOADERS = {
    "chiffres": load_digits,
    "mobilenet": load_mobilenet,
    ".keras": load_keras,
    ".onnx": load_onnx,
}


def load_model(settings):
    """Modèle prêt à servir, chauffé ; lève `SettingsError` sinon."""
    kind = Path(settings.model).suffix or settings.model
    # La première prédiction est la plus lente : la faire avant d'ouvrir
    sample = Image.new("RGB", (64, 64), "white")
    sample.paste("black", (28, 12, 36, 52))
    try:
        model = LOADERS[kind](settings)
        scores = model.scores(sample)
    except SettingsError:
        raise
    except Exception as error:
        problem = f"ce modèle ne se charge pas ({error})."
        raise SettingsError("MODELE", settings.model, problem) from error
    n_labels = len(model.labels)
    if scores.shape != (1, n_labels) or n_labels < 2:
        raise SettingsError(
            "MODELE",
            settings.model,
            f"ce modèle rend {scores.size} nombres par image, pour {n_labels}"
            " étiquettes ; il en faut autant, et deux au moins.",
        )
    return model


# --8<-- [end:load]
