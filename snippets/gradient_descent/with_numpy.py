# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

# --8<-- [end:imports]

# --8<-- [start:load]
LEARNING_RATE = 0.1
STEPS = 50
SHOWN = (1, 2, 3, 5, 10, 20, 50)

# Une seule mesure par patient : l'indice de masse corporelle (IMC)
data = load_diabetes(scaled=False)
bmi = data.data[:, data.feature_names.index("bmi")]
y = data.target
x = (bmi - bmi.mean()) / bmi.std()
n_patients = len(x)
print(n_patients, "patients · IMC de", bmi.min(), "à", bmi.max())
print("Progression de", y.min(), "à", y.max())
# --8<-- [end:load]


# --8<-- [start:derive]
def loss_of(x, w, b):
    return np.mean((w * x + b - y) ** 2)


def gradients_of(x, w, b):
    """Dérivées de la perte, écrites à la main."""
    errors = w * x + b - y
    return 2 * np.mean(errors * x), 2 * np.mean(errors)


# --8<-- [end:derive]

# --8<-- [start:verify]
# Bouger w d'un rien, regarder de combien bouge la perte
nudge = 1e-4
slope = (loss_of(x, nudge, 0) - loss_of(x, -nudge, 0)) / (2 * nudge)
print(f"Dérivée écrite  : {gradients_of(x, 0, 0)[0]:.3f}")
print(f"Pente mesurée   : {slope:.3f}")
# --8<-- [end:verify]


# --8<-- [start:descend]
def descend(x, learning_rate, steps):
    """Descendre depuis (0, 0) ; rendre le chemin et les pertes."""
    w, b = 0.0, 0.0
    path, losses = [(w, b)], []
    for _ in range(steps):
        losses.append(loss_of(x, w, b))  # 1. prédire et mesurer l'erreur
        grad_w, grad_b = gradients_of(x, w, b)  # 2. trouver la pente
        w = w - learning_rate * grad_w  # 3. faire un pas vers le bas
        b = b - learning_rate * grad_b
        path.append((w, b))
    return np.array(path), np.array(losses)


path, losses = descend(x, LEARNING_RATE, STEPS)
for step in SHOWN:
    w, b = path[step]
    print(f"étape {step:2} · perte {losses[step - 1]:8.1f}", end="")
    print(f" · w {w:6.2f} · b {b:6.2f}")
# --8<-- [end:descend]

# --8<-- [start:exact]
final_w, final_b = path[-1]
best_w, best_b = np.polyfit(x, y, 1)
best_loss = loss_of(x, best_w, best_b)
print(f"Descente       : w {final_w:.2f} · b {final_b:.2f}")
print(f"Moindres carrés : w {best_w:.2f} · b {best_b:.2f}")
print(f"Perte minimale  : {best_loss:.1f}")
# --8<-- [end:exact]

# --8<-- [start:rates]
figure, axes = plt.subplots(figsize=(7, 3.6))
final_losses = {}
for rate, style in [(0.005, ":"), (0.1, "-"), (0.95, "--"), (1.02, "-.")]:
    curve = descend(x, rate, STEPS)[1]
    axes.plot(curve, linestyle=style, label=f"taux {rate}")
    final_losses[rate] = curve[-1]
    print(f"taux {rate:5} · perte finale {curve[-1]:9.1f}")
axes.set(xlabel="étape", ylabel="perte", yscale="log")
axes.legend()
plt.show()
# --8<-- [end:rates]

# --8<-- [start:surface]
raw_path, raw_losses = descend(bmi, 0.001, STEPS)
raw_loss = raw_losses[-1]
print(f"IMC normalisé, {STEPS} étapes : perte {losses[-1]:.1f}")
print(f"IMC brut, {STEPS} étapes      : perte {raw_loss:.1f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
scenes = [
    (left, x, path, (-60, 150), (-20, 300), (best_w, best_b)),
    (right, bmi, raw_path, (-10, 22), (-420, 260), np.polyfit(bmi, y, 1)),
]
for axes, inputs, steps, w_range, b_range, lowest in scenes:
    grid_w, grid_b = np.meshgrid(
        np.linspace(*w_range, 80), np.linspace(*b_range, 80)
    )
    # Diffusion : une grille (80, 80, 1) face aux patients (442,)
    predictions = grid_w[..., None] * inputs + grid_b[..., None]
    surface = np.mean((predictions - y) ** 2, axis=-1)
    levels = np.geomspace(best_loss * 1.05, surface.max(), 12)
    axes.contour(grid_w, grid_b, surface, levels, colors="#8a93a3")
    axes.plot(*steps.T, marker="o", markersize=3, color="#d9642a")
    axes.plot(*lowest, marker="*", markersize=12, color="#2f9e6e")
    axes.set(xlabel="w", ylabel="b")
left.set_title("IMC normalisé")
right.set_title("IMC brut")
figure.tight_layout()
plt.show()
# --8<-- [end:surface]

# --8<-- [start:check]
assert np.isclose(slope, gradients_of(x, 0, 0)[0], rtol=1e-4)
assert np.allclose(path[-1], (best_w, best_b), atol=0.01)
assert np.all(np.diff(losses) < 0), "la perte doit baisser à chaque étape"
assert final_losses[1.02] > losses[0], "un taux trop grand fait diverger"
assert raw_loss > best_loss * 1.05, "la vallée est presque plate"
print("Tout est vrai.")
# --8<-- [end:check]
