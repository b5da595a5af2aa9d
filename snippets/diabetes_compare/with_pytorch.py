# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
N_FOLDS = 5
N_RESAMPLES = 2000
HIDDEN = 16
BATCH_SIZE = 32
EPOCHS = 20
LEARNING_RATE = 0.01

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
# Une vraie table, en unités d'origine : la mise à l'échelle viendra après
table = load_diabetes(as_frame=True, scaled=False)
x = table.data.to_numpy(dtype="float32")
y = table.target.to_numpy(dtype="float32").reshape(-1, 1)

n_patients, n_columns = x.shape
print(table.data.head(3).to_string(index=False))
print("Cible :", y[:3, 0].tolist(), "… de", y.min(), "à", y.max())
print(n_patients, "patients,", n_columns, "mesures chacun")
# --8<-- [end:load]


# --8<-- [start:define]
def build_model():
    return nn.Sequential(
        nn.Linear(10, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 1),
    )


model = build_model()
loss_fn = nn.MSELoss()
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]


# --8<-- [start:train]
def train_network(x_train, y_train, x_test):
    """Entraîne un réseau neuf, rend ses prédictions sur `x_test`."""
    # Tout est mesuré sur l'entraînement : le pli de test reste inconnu
    scaler, target_scaler = StandardScaler(), StandardScaler()
    inputs = torch.tensor(scaler.fit_transform(x_train))
    targets = torch.tensor(target_scaler.fit_transform(y_train))
    loader = DataLoader(
        TensorDataset(inputs, targets), batch_size=BATCH_SIZE, shuffle=True
    )

    model = build_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for batch_inputs, batch_targets in loader:
            loss = loss_fn(model(batch_inputs), batch_targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    model.eval()
    with torch.no_grad():
        scaled = model(torch.tensor(scaler.transform(x_test))).numpy()
    return target_scaler.inverse_transform(scaled)


# --8<-- [end:train]

# --8<-- [start:compare]
names = ["moyenne", "droite", "réseau"]
predictions = {name: np.zeros_like(y) for name in names}
folds = KFold(n_splits=N_FOLDS, shuffle=True, random_state=SEED)

# Chaque patient est prédit une fois, par des modèles qui l'ignorent
for train_rows, test_rows in folds.split(x):
    x_train, y_train, x_test = x[train_rows], y[train_rows], x[test_rows]
    line = LinearRegression().fit(x_train, y_train)
    predictions["moyenne"][test_rows] = y_train.mean()
    predictions["droite"][test_rows] = line.predict(x_test)
    predictions["réseau"][test_rows] = train_network(x_train, y_train, x_test)


scores = {
    name: (
        mean_absolute_error(y, predicted),
        root_mean_squared_error(y, predicted),
        r2_score(y, predicted),
    )
    for name, predicted in predictions.items()
}
for name, (mae, rmse, r2) in scores.items():
    print(f"{name:7} · MAE {mae:.1f} · RMSE {rmse:.1f} · R² {r2:.2f}")
mean_mae, mean_rmse, mean_r2 = scores["moyenne"]
line_mae, line_rmse, line_r2 = scores["droite"]
network_mae, network_rmse, network_r2 = scores["réseau"]
# --8<-- [end:compare]

# --8<-- [start:bootstrap]
# Tirer 442 patients avec remise, 2 000 fois, et rejuger à chaque fois
generator = np.random.default_rng(SEED)
draws = generator.integers(0, n_patients, size=(N_RESAMPLES, n_patients))
rmse, intervals = {}, {}
for name in names:
    squared_errors = (y - predictions[name]).ravel() ** 2
    rmse[name] = np.sqrt(squared_errors[draws].mean(axis=1))
    intervals[name] = np.percentile(rmse[name], [2.5, 97.5])
    low, high = intervals[name]
    print(f"RMSE {name:7} : de {low:.1f} à {high:.1f}")

# Mêmes patients des deux côtés : la différence se juge directement
difference = rmse["réseau"] - rmse["droite"]
low, high = np.percentile(difference, [2.5, 97.5])
print(f"RMSE réseau - droite : de {low:.1f} à {high:.1f}")
# --8<-- [end:bootstrap]

# --8<-- [start:plot]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
for rank, name in enumerate(names):
    left.plot(intervals[name], [rank, rank], linewidth=3, color=f"C{rank}")
    left.plot(scores[name][1], rank, "o", color=f"C{rank}")
left.set_yticks(range(3), names)
left.set(title="RMSE, barres à 95 %", ylim=(-0.5, 2.5))

for rank, name in enumerate(names[1:], 1):
    points = predictions[name]
    right.scatter(y, points, s=8, color=f"C{rank}", label=name)
right.axline((150, 150), slope=1, linestyle=":", color="C4")
right.set(xlabel="valeur réelle", ylabel="valeur prédite")
right.legend()
figure.tight_layout()
plt.show()
# --8<-- [end:plot]

# --8<-- [start:check]
assert line_rmse < mean_rmse - 10, "la droite n'a rien appris"
assert network_rmse < mean_rmse - 10, "le réseau n'a rien appris"
assert high > 0, "le réseau bat la droite : revoir la page"
assert predictions["réseau"].shape == y.shape, "forme inattendue"
print("Tout est vrai.")
# --8<-- [end:check]
