# --8<-- [start:imports]
import copy

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 25
EPOCHS = 20
LEARNING_RATE = 0.007

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)

# Mettre le test de côté : ce script ne le regarde pas
x_pool, _, y_pool, _ = train_test_split(
    x, y, test_size=500, random_state=SEED, stratify=y
)
x_many, x_val, y_many, y_val = train_test_split(
    x_pool, y_pool, test_size=400, random_state=SEED, stratify=y_pool
)
# Très peu d'images, exprès : le réseau pourra les retenir par cœur
x_train, y_train = x_many[:100], y_many[:100]
print(f"{len(x_train)} pour apprendre, {len(x_val)} pour régler")
# --8<-- [end:load]


# --8<-- [start:define]
def make_model(hidden=128):
    return nn.Sequential(
        nn.Linear(64, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 10),
    )


model = make_model()
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres pour 100 images")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:loss]


# --8<-- [start:train]
def evaluate(model, x, y):
    """Perte et exactitude."""
    model.eval()
    with torch.no_grad():
        logits = model(x)
    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    return loss_fn(logits, y).item(), accuracy


def fit(
    model,
    x=x_train,
    y=y_train,
    penalty=lambda model: 0,
    transform=lambda images: images,
    after_epoch=lambda: False,
):
    """Entraîner ; `after_epoch` rend vrai pour s'arrêter."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    epoch, finished = 0, False
    while epoch < EPOCHS and not finished:
        model.train()
        for rows in torch.randperm(len(x)).split(BATCH_SIZE):
            logits = model(transform(x[rows]))
            loss = loss_fn(logits, y[rows]) + penalty(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        epoch += 1
        finished = after_epoch()


def report(model):
    """Afficher et rendre l'exactitude de validation."""
    _, accuracy = evaluate(model, x_val, y_val)
    print(f"validation : exactitude {accuracy:.1%}")
    return accuracy


train_loss, val_loss = [], []


def record():
    train_loss.append(evaluate(model, x_train, y_train)[0])
    val_loss.append(evaluate(model, x_val, y_val)[0])


fit(model, after_epoch=record)
_, train_accuracy = evaluate(model, x_train, y_train)
print(f"entraînement : exactitude {train_accuracy:.1%}")
base_accuracy = report(model)
base_model = model
# --8<-- [end:train]

# --8<-- [start:curves]
figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(train_loss, label="entraînement")
axes.plot(val_loss, label="validation")
axes.set(title="Perte", xlabel="époque", xlim=(0, EPOCHS), ylim=(0, 2.4))
axes.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:more_data]
model = make_model()
fit(model, x_many[:500], y_many[:500])
more_accuracy = report(model)
# --8<-- [end:more_data]

# --8<-- [start:smaller]
model = make_model(hidden=16)
small_parameters = sum(p.numel() for p in model.parameters())
print(small_parameters, "paramètres")
fit(model)
report(model)
# --8<-- [end:smaller]


# --8<-- [start:penalty]
def l1(model):
    weights = [p for p in model.parameters() if p.ndim == 2]
    return 0.0003 * sum(w.abs().sum() for w in weights)


def l2(model):
    weights = [p for p in model.parameters() if p.ndim == 2]
    return 0.003 * sum(w.square().sum() for w in weights)


def show_near_zero(name, model):
    """Part des poids de la première couche presque nuls."""
    share = (model[0].weight.abs() < 0.01).float().mean().item()
    print(f"{name} : {share:.0%} de poids presque nuls")
    return share


base_share = show_near_zero("sans pénalité", base_model)

model = make_model()
fit(model, penalty=l1)
l1_share = show_near_zero("L1", model)
report(model)

model = make_model()
fit(model, penalty=l2)
l2_share = show_near_zero("L2", model)
report(model)
# --8<-- [end:penalty]

# --8<-- [start:dropout]
model = nn.Sequential(
    nn.Linear(64, 128),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(128, 128),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(128, 10),
)
fit(model)
report(model)
# --8<-- [end:dropout]

# --8<-- [start:early_stopping]
model = make_model()
losses, best_weights = [], None


def stop_early(patience=5):
    """Garder les meilleurs poids ; s'arrêter sans progrès."""
    global best_weights
    losses.append(evaluate(model, x_val, y_val)[0])
    best_epoch = losses.index(min(losses))
    if best_epoch == len(losses) - 1:
        best_weights = copy.deepcopy(model.state_dict())
    return len(losses) - 1 - best_epoch >= patience


fit(model, after_epoch=stop_early)
model.load_state_dict(best_weights)
n_epochs = len(losses)
print(n_epochs, "époques sur", EPOCHS)
report(model)
# --8<-- [end:early_stopping]


# --8<-- [start:augmentation]
def shift(images):
    """Décaler chaque image d'un pixel au plus, au hasard."""
    n = len(images)
    wide = nn.functional.pad(images.reshape(n, 8, 8), (1, 1, 1, 1))
    # Somme de deux tirages : une fois sur deux, pas de décalage
    moves = torch.randint(0, 2, (2, 2, n, 1)).sum(dim=0)
    rows, columns = torch.arange(8) + moves
    which = torch.arange(n)[:, None, None]
    return wide[which, rows[:, :, None], columns[:, None, :]].flatten(1)


model = make_model()
fit(model, transform=shift)
report(model)
# --8<-- [end:augmentation]

# --8<-- [start:check]
assert train_accuracy > 0.99, "le réseau devait retenir ses 100 images"
assert train_loss[-1] < val_loss[-1] / 3, "les courbes devaient s'écarter"
assert more_accuracy > base_accuracy, "plus de données devait aider"
assert small_parameters < n_parameters / 10
assert n_epochs <= EPOCHS
assert l1_share > 2 * base_share, "L1 devait annuler des poids"
print("Tout est vrai.")
# --8<-- [end:check]
