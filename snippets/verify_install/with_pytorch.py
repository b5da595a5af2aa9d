# --8<-- [start:imports]
import platform
import sys

import torch

# --8<-- [end:imports]

# --8<-- [start:versions]
n_gpus = torch.accelerator.device_count()

print("Python  :", platform.python_version())
print("PyTorch :", torch.__version__.split("+")[0])
print("GPU     :", n_gpus)
# --8<-- [end:versions]

# --8<-- [start:compute]
# La pente de x² est 2x : en x = 3, on attend 9 et 6
x = torch.tensor(3.0, requires_grad=True)
y = x**2
y.backward()
value, gradient = y.item(), x.grad.item()

print("Valeur   :", value)
print("Gradient :", gradient)
print("Appareil :", y.device)
# --8<-- [end:compute]

# --8<-- [start:check]
python = sys.version_info[:2]
assert (3, 11) <= python <= (3, 13), "prendre Python 3.11, 3.12 ou 3.13"
assert (value, gradient) == (9, 6), "calcul faux : réinstaller PyTorch"
print("Installation vérifiée.")
# --8<-- [end:check]
