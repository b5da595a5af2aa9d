# --8<-- [start:imports]
import torch
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:device]
device = torch.device(
    "cuda"
    if torch.cuda.is_available()
    else "mps"
    if torch.backends.mps.is_available()
    else "cpu"
)
print("Appareil :", device.type)
# --8<-- [end:device]

# --8<-- [start:model]
torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(3, 32, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(64, 10),
).to(device)

where = {p.device.type for p in model.parameters()}
print("Poids sur :", where)
# --8<-- [end:model]

# --8<-- [start:memory]
MB = 1_000_000


def n_bytes(tensors):
    return sum(t.numel() * t.element_size() for t in tensors)


BATCH_SIZE = 64
images = torch.rand(BATCH_SIZE, 3, 224, 224)
with torch.no_grad():
    first_maps = model[:2](images[:1].to(device))

model_mb = n_bytes(model.parameters()) / MB
image_mb = n_bytes([images[0]]) / MB
batch_mb = n_bytes([images]) / MB
maps_mb = BATCH_SIZE * n_bytes([first_maps]) / MB
print(f"Modèle                    : {model_mb:.2f} Mo")
print(f"Une image 224 × 224       : {image_mb:.2f} Mo")
print(f"Un lot de {BATCH_SIZE} images       : {batch_mb:.1f} Mo")
print(f"Ses cartes, 1re couche    : {maps_mb:.1f} Mo")
# --8<-- [end:memory]

# --8<-- [start:step]
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())
labels = torch.randint(10, (8,))

# Le lot rejoint les poids juste avant le calcul, et pas plus tôt
small = images[:8, :, :64, :64].to(device)
loss = loss_fn(model(small), labels.to(device))
loss.backward()
optimizer.step()

gradient_mb = n_bytes(p.grad for p in model.parameters()) / MB
moments = [
    state[name]
    for state in optimizer.state.values()
    for name in ("exp_avg", "exp_avg_sq")
]
moments_mb = n_bytes(moments) / MB
training_mb = model_mb + gradient_mb + moments_mb
print(
    f"Gradients : {gradient_mb:.2f} Mo · moments d'Adam : {moments_mb:.2f} Mo"
)
print(f"Poids, gradients et moments : {training_mb:.2f} Mo")
# --8<-- [end:step]

# --8<-- [start:precision]
with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16):
    maps = model[0](small)
print("Poids :", model[0].weight.dtype, "· cartes :", maps.dtype)

# Revenir au processeur pour NumPy, en 32 bits
array = maps.float().cpu().numpy()
with torch.no_grad():
    exact = model[0](small).cpu().numpy()
rounding = abs(array - exact).max()
print(f"Plus grand écart avec 32 bits : {rounding:.3f}")
# --8<-- [end:precision]

# --8<-- [start:save]
torch.save(model.state_dict(), "model.pt")

# Relire ailleurs : dire où ranger les poids, quel que soit leur appareil
weights = torch.load("model.pt", map_location="cpu", weights_only=True)
print(len(weights), "tenseurs relus sur", weights["0.weight"].device)
# --8<-- [end:save]

# --8<-- [start:check]
assert where == {device.type}, "un poids est resté ailleurs"
assert moments_mb == 2 * gradient_mb, "Adam garde deux nombres par poids"
assert maps.element_size() == 2, "16 bits : deux octets par nombre"
assert 0 < rounding < 0.1, "moins de bits, donc un arrondi"
print("Tout est vrai.")
# --8<-- [end:check]
