# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_sample_image

# --8<-- [end:imports]


# --8<-- [start:create]
def describe(name, tensor):
    dtype = str(tensor.dtype).removeprefix("torch.")
    print(f"{name:10} forme {tuple(tensor.shape)!s:8} type {dtype}")


torch.manual_seed(0)
scores = torch.tensor([[2.0, 0.5, -1.0], [0.0, 1.5, 3.0]])
describe("scores", scores)
describe("zéros", torch.zeros((2, 3)))
describe("suite", torch.arange(6))
describe("hasard", torch.randn((2, 3)))
describe("seul", torch.tensor(7.0))
# --8<-- [end:create]

# --8<-- [start:dtypes]
array = np.array([0.1, 0.2, 0.3])
from_list = torch.tensor([0.1, 0.2, 0.3])
from_array = torch.tensor(array)
describe("liste", from_list)
describe("tableau", from_array)
describe("converti", torch.tensor(array, dtype=torch.float32))
print("0,1 en float32 :", f"{from_list[0].item():.12f}")
print("0,1 en float64 :", f"{from_array[0].item():.12f}")
# --8<-- [end:dtypes]


# --8<-- [start:promotion]
def attempt(label, operation):
    """Essayer une opération ; montrer son résultat ou son erreur."""
    try:
        dtype = str(operation().dtype).removeprefix("torch.")
        print(f"{label} : {dtype}")
    except RuntimeError as error:
        print(f"{label} : {type(error).__name__}\n  {error}")


counts = torch.tensor([1, 2, 3])
attempt("float32 + nombre Python", lambda: from_list + 1)
attempt("float32 + float64", lambda: from_list + from_array)
attempt("int64 + float32", lambda: counts + from_list)
column = from_array.reshape(3, 1)
attempt("produit float32 @ float64", lambda: scores @ column)
# --8<-- [end:promotion]

# --8<-- [start:indexing]
print("ligne 0       :", scores[0].numpy())
print("colonne 1     :", scores[:, 1].numpy())
print("dernier       :", scores[-1, -1].item())
print("positifs      :", scores[scores > 0].numpy())
print("colonnes 2, 0 :", scores[:, [2, 0]].tolist())
# --8<-- [end:indexing]

# --8<-- [start:reshape]
table = torch.arange(6).reshape(2, 3)
print(table.numpy())
print("reshape :", table.reshape(3, 2).tolist())
print("permuté :", table.permute(1, 0).tolist())
# --8<-- [end:reshape]

# --8<-- [start:image]
photo = torch.tensor(load_sample_image("china.jpg")[::4, ::4])
image = photo.permute(2, 0, 1).float() / 255
describe("photo", photo)
describe("image", image)

# PyTorch range un lot d'images ainsi : nombre, canaux, hauteur, largeur
batch = image.unsqueeze(0)
describe("lot", batch)
# --8<-- [end:image]

# --8<-- [start:channels]
figure, grid = plt.subplots(1, 4, figsize=(8, 1.7))
grid[0].imshow(image.permute(1, 2, 0))
grid[0].set_title("photo")
for channel, name in enumerate(["rouge", "vert", "bleu"]):
    grid[channel + 1].imshow(image[channel], cmap="gray")
    grid[channel + 1].set_title(name)
for axes in grid:
    axes.axis("off")
plt.show()
# --8<-- [end:channels]

# --8<-- [start:broadcast]
channel_mean = image.mean(dim=(1, 2), keepdim=True)
# correction=0 : diviser par n, comme NumPy et TensorFlow
channel_std = image.std(dim=(1, 2), keepdim=True, correction=0)
describe("moyenne", channel_mean)

# (3, 107, 160) et (3, 1, 1) : les 1 s'étirent sur la hauteur et la largeur
normalized = (image - channel_mean) / channel_std
describe("normalisée", normalized)
residual_mean = normalized.mean(dim=(1, 2)).abs().max().item()
print("Moyenne nulle :", residual_mean < 1e-4)

attempt("mauvaise forme", lambda: image - torch.zeros(3))
# --8<-- [end:broadcast]

# --8<-- [start:silent]
predictions = torch.tensor([[1.0], [2.0], [3.0]])
targets = torch.tensor([1.0, 2.0, 3.0])
errors = predictions - targets
wrong_loss = (errors**2).mean().item()
right_loss = ((predictions[:, 0] - targets) ** 2).mean().item()
describe("écarts", errors)
print(f"Perte fausse : {wrong_loss:.2f} · perte juste : {right_loss:.2f}")
# --8<-- [end:silent]

# --8<-- [start:mutability]
values = torch.tensor([1.0, 2.0, 3.0])
values[0] = 9.0
print("Tenseur ordinaire :", values.numpy())

weights = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
try:
    weights[0] = 9.0
except RuntimeError as error:
    print("Tenseur suivi     :", error)
with torch.no_grad():
    weights[0] = 9.0
print("Sous no_grad      :", weights.tolist())
# --8<-- [end:mutability]

# --8<-- [start:views]
source = np.zeros(3, dtype="float32")
copied = torch.tensor(source)
shared = torch.from_numpy(source)
source[0] = 9
print("Tableau modifié  :", source)
print("torch.tensor     :", copied.numpy())
print("torch.from_numpy :", shared.numpy())

first_row = table[0]
first_row[0] = 99
print("Table, après avoir modifié sa première ligne :", table.tolist())

print("Remodelé après permutation :", table.permute(1, 0).reshape(6).tolist())
attempt("Vue après permutation", lambda: table.permute(1, 0).view(6))
# --8<-- [end:views]

# --8<-- [start:gradient]
x = torch.tensor(2.0, requires_grad=True)
y = x**2 + 3 * x
y.backward()
gradient = x.grad.item()
print(f"y = {y.item()} · dy/dx = {gradient}")
# --8<-- [end:gradient]

# --8<-- [start:consumed]
try:
    y.backward()
except RuntimeError as error:
    print("Deuxième appel :", str(error).split(" (")[0])

try:
    x.numpy()
except RuntimeError as error:
    print("Vers NumPy     :", error)
print("Détaché        :", x.detach().numpy())
# --8<-- [end:consumed]

# --8<-- [start:accumulate]
# x.grad vaut déjà 7 : chaque `backward` y ajoute son gradient
for step in range(3):
    y = x**2 + 3 * x
    y.backward()
    print(f"Tour {step + 1} : {x.grad.item()}")

x.grad = None
y = x**2 + 3 * x
y.backward()
last_gradient = x.grad.item()
print(f"Après remise à zéro : {last_gradient}")
# --8<-- [end:accumulate]

# --8<-- [start:check]
assert from_list.dtype == torch.float32
assert from_array.dtype == torch.float64
assert batch.shape == (1, 3, 107, 160)
assert errors.shape == (3, 3), "la diffusion a fabriqué un carré"
assert right_loss == 0 < wrong_loss
assert copied[0] == 0, "torch.tensor copie"
assert shared[0] == 9, "torch.from_numpy partage la mémoire"
assert gradient == last_gradient == 2 * 2 + 3
print("Tout est vrai.")
# --8<-- [end:check]
