# --8<-- [start:imports]
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"  # avant d'importer Keras
# Sans ce paquet, OpenVINO n'envoie pas de statistiques à son éditeur
sys.modules["openvino_telemetry"] = None

from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from matplotlib.cbook import get_sample_data
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image, ImageOps
from skimage import data
from sklearn.datasets import load_sample_image

# --8<-- [end:imports]


# --8<-- [start:fold]
class Nothing(keras.layers.Layer):
    """Rend ce qu'elle reçoit : la place d'une normalisation repliée."""

    def call(self, values, training=None, mask=None):
        return values


def twin(layer):
    """La même couche, sans ses poids ; une normalisation devient rien."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return Nothing(name=layer.name)
    settings = layer.get_config()
    if "use_bias" in settings:
        settings["use_bias"] = True
    return type(layer).from_config(settings)


def fold(network):
    """Réseau aux mêmes réponses, normalisations repliées."""
    folded = keras.models.clone_model(network, clone_function=twin)
    folded.layers[-1].set_weights(network.layers[-1].get_weights())
    for layer, norm in zip(network.layers, network.layers[1:]):
        if isinstance(norm, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)
            (kernel,) = layer.get_weights()
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            kernel = kernel * (scale[:, None] if depthwise else scale)
            weights = [kernel, beta - mean * scale]
            folded.get_layer(layer.name).set_weights(weights)
    return folded


# --8<-- [end:fold]

# --8<-- [start:export]
# PyTorch range les couleurs avant la hauteur et la largeur
keras.config.set_image_data_format("channels_first")
network = keras.applications.MobileNetV2(weights="imagenet")
folded = fold(network)
folded.eval()

batch = torch.export.Dim("batch")  # un lot de toute taille
program = torch.onnx.export(
    folded,
    (torch.zeros(2, 3, 224, 224),),
    input_names=["images"],
    output_names=["probabilites"],
    dynamic_shapes=(({0: batch},),),
    dynamo=True,
    verbose=False,
)
program.save("mobilenet.onnx")
# --8<-- [end:export]


# --8<-- [start:photos]
def hopper():
    """Portrait livré avec Matplotlib."""
    with get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file).convert("RGB"))


# Celles qui règlent ne jugent pas, celles qui jugent ne règlent pas
calibration_photos = [
    data.astronaut(),
    load_sample_image("china.jpg"),
    hopper(),
    data.stereo_motorcycle()[0],
    data.hubble_deep_field(),
]
test_photos = [
    data.chelsea(),
    data.coffee(),
    data.rocket(),
    load_sample_image("flower.jpg"),
]
generator = np.random.default_rng(0)


def crops(photos, count):
    """`count` carrés au hasard par photo : (n, 3, 224, 224), de -1 à 1."""
    found = []
    for photo in photos:
        image = Image.fromarray(photo)
        shortest = min(image.size)
        for _ in range(count):
            side = generator.integers(shortest // 2, shortest + 1)
            left = generator.integers(0, image.width - side + 1)
            top = generator.integers(0, image.height - side + 1)
            box = (left, top, left + side, top + side)
            square = image.resize(
                (224, 224), Image.Resampling.BILINEAR, box=box
            )
            if generator.random() < 0.5:
                square = ImageOps.mirror(square)
            found.append(np.asarray(square, dtype="float32"))
    return np.stack(found).transpose(0, 3, 1, 2) / 127.5 - 1


calibration, test = crops(calibration_photos, 24), crops(test_photos, 100)
n_calibration, n_test = len(calibration), len(test)
print(f"{n_calibration} carrés pour régler, {n_test} pour juger")
# --8<-- [end:photos]


# --8<-- [start:session]
def open_session(path):
    """Le réseau d'un fichier ONNX, calculé par un seul fil."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )


def answers(path, images):
    """Probabilités (n, 1000), une image à la fois comme dans l'API."""
    session = open_session(path)
    rows = [
        session.run(None, {"images": image[np.newaxis]})[0] for image in images
    ]
    return np.concatenate(rows)


sample = test[::20]
with torch.no_grad():
    expected = network(torch.from_numpy(sample), training=False).numpy()
found = answers("mobilenet.onnx", sample)
n_sample = len(sample)
n_equal = int((found.argmax(1) == expected.argmax(1)).sum())
onnx_gap = np.abs(found - expected).max()
print(f"Keras et ONNX Runtime : {n_equal} réponses égales sur {n_sample}")
print(f"Plus grand écart de probabilité : {onnx_gap:.6f}")
# --8<-- [end:session]


# --8<-- [start:quantize]
class Reader(CalibrationDataReader):
    """Donne les carrés un à un, sous le nom d'entrée du réseau."""

    def __init__(self, images):
        self.images = iter(images)

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {"images": image[np.newaxis]}


quant_pre_process("mobilenet.onnx", "pret.onnx", skip_symbolic_shape=True)
nodes = onnx.load("pret.onnx").graph.node
convolutions = [node.name for node in nodes if node.op_type == "Conv"]
quantize_static(
    "pret.onnx",
    "mobilenet_int8.onnx",
    Reader(calibration),
    quant_format=QuantFormat.QDQ,
    per_channel=True,  # un pas par noyau
    weight_type=QuantType.QInt8,
    activation_type=QuantType.QUInt8,
    op_types_to_quantize=["Conv", "Clip"],  # Clip : les ReLU de ce réseau
    nodes_to_exclude=convolutions[:3],  # les plus fragiles
)
n_convolutions, n_int8 = len(convolutions), len(convolutions) - 3
print(f"{n_int8} convolutions sur {n_convolutions} en huit bits")
# --8<-- [end:quantize]

# --8<-- [start:agree]
reference = answers("mobilenet.onnx", test)
quantized = answers("mobilenet_int8.onnx", test)
same = reference.argmax(1) == quantized.argmax(1)
sure = reference.max(1) >= 0.5
agreement, sure_agreement = same.mean(), same[sure].mean()
n_sure = int(sure.sum())
print(f"Même réponse : {agreement:.1%} des {n_test} carrés")
print(f"Quand le réseau est sûr : {sure_agreement:.1%} des {n_sure}")
names = ("mobilenet.onnx", "mobilenet_int8.onnx")
float_size, int8_size = (Path(name).stat().st_size / 1e6 for name in names)
print(f"Fichier : {float_size:.1f} Mo, puis {int8_size:.1f} Mo")
# --8<-- [end:agree]


# --8<-- [start:openvino]
def openvino_answers(path, precision):
    """Probabilités des carrés qui jugent, calculées par OpenVINO."""
    network = openvino.Core().read_model(path)
    network.reshape([1, 3, 224, 224])
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": 1,
    }
    compiled = openvino.compile_model(network, "CPU", options)
    return np.concatenate([compiled([image[None]])[0] for image in test])


def agreements(found):
    """Part des carrés de même réponse : tous, puis ceux où il est sûr."""
    same = reference.argmax(1) == found.argmax(1)
    return same.mean(), same[sure].mean()


f32 = openvino_answers("mobilenet.onnx", "f32")
openvino_gap = np.abs(f32 - reference).max()
bf16 = openvino_answers("mobilenet.onnx", "bf16")
int8 = openvino_answers("mobilenet_int8.onnx", "bf16")
f32_agreement, _ = agreements(f32)
bf16_agreement, bf16_sure = agreements(bf16)
int8_agreement, int8_sure = agreements(int8)
print(f"f32 : {f32_agreement:.1%} des carrés, écart {openvino_gap:.6f}")
print(f"bf16 : {bf16_agreement:.1%}, et {bf16_sure:.1%} des sûrs")
print(f"huit bits, bf16 : {int8_agreement:.1%}, et {int8_sure:.1%} des sûrs")
# --8<-- [end:openvino]

# --8<-- [start:check]
assert n_equal == n_sample, "l'export change une réponse"
assert onnx_gap < 1e-3, "l'export calcule autre chose"
assert f32_agreement == 1 and openvino_gap < 1e-3, "autres réponses"
assert bf16_agreement > 0.95, "bf16 coûte trop de réponses"
for found in (agreement, int8_agreement):
    assert found > 0.95, "huit bits coûtent trop de réponses"
assert int8_size < 0.6 * float_size, "le fichier devrait maigrir"
print("Tout est vrai.")
# --8<-- [end:check]
