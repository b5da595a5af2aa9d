# --8<-- [start:imports]
import time

import numpy as np
import onnxruntime
import torch
from PIL import Image
from skimage import data
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

# --8<-- [end:imports]

# --8<-- [start:load]
weights = MobileNet_V2_Weights.DEFAULT
network = mobilenet_v2(weights=weights)
network.eval()
transform = weights.transforms()
photos = [data.chelsea(), data.coffee()]
images = torch.stack([transform(Image.fromarray(p)) for p in photos])
print(tuple(images.shape))
# --8<-- [end:load]

# --8<-- [start:export]
batch = torch.export.Dim("batch")  # un lot de toute taille
program = torch.onnx.export(
    network,
    (images,),
    input_names=["images"],
    output_names=["scores"],
    dynamic_shapes=({0: batch},),
    dynamo=True,
    verbose=False,
)
program.save("mobilenet_torch.onnx")
# --8<-- [end:export]

# --8<-- [start:session]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(
    "mobilenet_torch.onnx", options, providers=["CPUExecutionProvider"]
)


def with_pytorch(values):
    with torch.inference_mode():
        return network(torch.from_numpy(values)).numpy()


def with_onnx(values):
    return session.run(None, {"images": values})[0]


# --8<-- [end:session]


# --8<-- [start:compare]
def median_time(forward, values, repeats=20):
    durations = []
    for _ in range(repeats):
        began = time.perf_counter()
        forward(values)
        durations.append(1000 * (time.perf_counter() - began))
    return np.median(durations)


values = images.numpy()
scores, onnx_scores = with_pytorch(values), with_onnx(values)
gap = np.abs(scores - onnx_scores).max()
same = int((scores.argmax(1) == onnx_scores.argmax(1)).sum())
torch_time = median_time(with_pytorch, values[:1])
onnx_time = median_time(with_onnx, values[:1])
print(f"Mêmes réponses : {same} sur {len(photos)}")
print(f"Plus grand écart de score : {gap:.5f}")
print(f"PyTorch {torch_time:.1f} ms · ONNX Runtime {onnx_time:.1f} ms")
# --8<-- [end:compare]

# --8<-- [start:check]
assert same == len(photos), "l'export change une réponse"
assert gap < 1e-3, "l'export calcule autre chose"
assert onnx_time < torch_time, "ONNX Runtime devrait aller plus vite"
print("Tout est vrai.")
# --8<-- [end:check]
