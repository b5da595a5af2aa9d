# --8<-- [start:shapes]
import torch
from sklearn.datasets import load_diabetes
from torch import nn

# Dix mesures par patient ; la cible est ramenée à moyenne 0, écart 1
table, progress = load_diabetes(return_X_y=True)
x = torch.tensor(table * 20).float()
y = torch.tensor((progress - progress.mean()) / progress.std()).float()

torch.set_num_threads(1)  # un si petit modèle n'en occupe pas deux
torch.manual_seed(0)
predictions = nn.Linear(10, 1)(x)
gaps = predictions - y
print("Prédictions :", tuple(predictions.shape))
print("Cibles      :", tuple(y.shape))
print("Écarts      :", tuple(gaps.shape))
n_patients, n_gaps = len(y), gaps.numel()
# --8<-- [end:shapes]


# --8<-- [start:compare]
def train(targets):
    torch.manual_seed(0)
    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(100):
        loss = ((model(x) - targets) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return loss.item(), model(x)[:, 0]


bad_loss, bad = train(y)  # cibles de forme (n,)
good_loss, good = train(y.reshape(-1, 1))  # cibles de forme (n, 1)
bad_spread, good_spread = bad.std().item(), good.std().item()
print(f"(n,)   : perte {bad_loss:.2f} · écart-type {bad_spread:.2f}")
print(f"(n, 1) : perte {good_loss:.2f} · écart-type {good_spread:.2f}")
# --8<-- [end:compare]

# --8<-- [start:check]
assert gaps.shape == (442, 442), "la diffusion a croisé tous les patients"
assert bad_spread < 0.05, "la mauvaise version répond toujours la moyenne"
assert good_spread > 0.5, "la bonne version distingue les patients"
assert good_loss < 0.6 < bad_loss, "la bonne version apprend"
print("Tout est vrai.")
# --8<-- [end:check]
