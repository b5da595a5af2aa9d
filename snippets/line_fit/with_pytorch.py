# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
N_POINTS = 200
TRUE_SLOPE = 3.0
NOISE = 0.5
BATCH_SIZE = 20
EPOCHS = 20
LEARNING_RATE = 0.1
TOLERANCE = 0.3

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
# Données synthétiques : nous connaissons la réponse, y = 3x + bruit
generator = np.random.default_rng(SEED)
x = generator.uniform(-1, 1, size=(N_POINTS, 1)).astype("float32")
noise = generator.normal(0, NOISE, size=(N_POINTS, 1))
y = (TRUE_SLOPE * x + noise).astype("float32")

print("x :", x.shape, x.dtype)
print("y :", y.shape, y.dtype)

dataset = TensorDataset(torch.tensor(x), torch.tensor(y))
train_loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
# --8<-- [end:data]

# --8<-- [start:define]
# Une couche, une entrée, une sortie : y = poids × x + biais
model = nn.Sequential(nn.Linear(1, 1))
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
# Une moyenne de carrés d'écarts : pas de classes, pas de softmax
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
# --8<-- [end:loss]

# --8<-- [start:train]
for epoch in range(EPOCHS):
    total_loss = 0.0
    for inputs, targets in train_loader:
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(inputs)
    if epoch + 1 in (1, 2, 5, 10, EPOCHS):
        slope = model[0].weight.item()
        print(
            f"Époque {epoch + 1:2d}"
            f" · perte {total_loss / N_POINTS:.3f}"
            f" · pente {slope:.3f}"
        )
# --8<-- [end:train]

# --8<-- [start:compare]
layer = model[0]
slope, intercept = layer.weight.item(), layer.bias.item()

# La réponse exacte des moindres carrés, sans entraînement
exact_slope, exact_intercept = np.polyfit(x[:, 0], y[:, 0], deg=1)

# De combien cette pente varierait avec un autre tirage du bruit
residuals = y - (exact_slope * x + exact_intercept)
variance = (residuals**2).sum() / (N_POINTS - 2)
standard_error = float(np.sqrt(variance / ((x - x.mean()) ** 2).sum()))

print("                pente   ordonnée à l'origine")
print(f"vérité          {TRUE_SLOPE:.3f}   {0:.3f}")
print(f"moindres carrés {exact_slope:.3f}   {exact_intercept:.3f}")
print(f"réseau          {slope:.3f}   {intercept:.3f}")
print(f"erreur type de la pente : {standard_error:.3f}")
# --8<-- [end:compare]

# --8<-- [start:plot]
line = np.array([[-1.0], [1.0]], dtype="float32")
with torch.no_grad():
    fitted = model(torch.tensor(line)).numpy()
figure, axes = plt.subplots(figsize=(6.5, 3.8))
axes.scatter(x, y, s=12, alpha=0.5, color="C5", label="points bruités")
axes.plot(line, TRUE_SLOPE * line, "--", color="C2", label="vérité")
axes.plot(line, fitted, color="C0", label="réseau")
axes.set(xlabel="x", ylabel="y")
axes.legend()
plt.show()
# --8<-- [end:plot]

# --8<-- [start:check]
assert 4 * standard_error <= TOLERANCE, "tolérance trop étroite"
assert abs(slope - TRUE_SLOPE) < TOLERANCE, "pente mal retrouvée"
assert abs(intercept) < TOLERANCE, "ordonnée à l'origine mal retrouvée"
assert abs(slope - exact_slope) < 0.1, "loin des moindres carrés"
print("Tout est vrai.")
# --8<-- [end:check]
