# --8<-- [start:imports]
import torch
from sklearn.compose import make_column_transformer
from sklearn.datasets import fetch_openml
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 32
EPOCHS = 20
LEARNING_RATE = 0.003
NUMBERS = ["age", "sibsp", "parch", "fare"]
CATEGORIES = ["pclass", "sex", "embarked"]

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
table = fetch_openml(data_id=40945, as_frame=True, parser="liac-arff").frame
labels = table["survived"].astype(int)
# Ne garder que ce que l'on savait avant le naufrage
features = table[NUMBERS + CATEGORIES]

rest, test, y_rest, y_test = train_test_split(
    features, labels, test_size=0.2, stratify=labels, random_state=SEED
)
train, val, y_train, y_val = train_test_split(
    rest, y_rest, test_size=0.25, stratify=y_rest, random_state=SEED
)
# --8<-- [end:load]

# --8<-- [start:prepare]
prepare = make_column_transformer(
    (
        make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
        NUMBERS,
    ),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
)
# Apprendre médianes, moyennes et catégories sur l'entraînement seul
x_train = prepare.fit_transform(train).astype("float32")
x_val = prepare.transform(val).astype("float32")
x_test = prepare.transform(test).astype("float32")
y_train, y_val, y_test = (y.to_numpy() for y in (y_train, y_val, y_test))

print("Entrées :", x_train.shape, x_train.dtype)
print("Premier passager :", *x_train[0].round(2))
# --8<-- [end:prepare]


# --8<-- [start:window]
class Passengers(Dataset):
    """Un jeu de données sait dire sa taille et rendre un exemple."""

    def __init__(self, features, labels):
        self.features = torch.tensor(features)
        self.labels = torch.tensor(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.features[index], self.labels[index]


first_features, first_label = Passengers(x_train, y_train)[0]
print("Un exemple :", tuple(first_features.shape), "→", first_label.item())
numbers = DataLoader(range(20), batch_size=20, shuffle=True)
whole_order = next(iter(numbers)).tolist()
print("shuffle=True :", *whole_order)
# --8<-- [end:window]

# --8<-- [start:loaders]
train_data = DataLoader(
    Passengers(x_train, y_train),
    batch_size=BATCH_SIZE,  # grouper en lots
    shuffle=True,  # mélanger à chaque époque
    num_workers=0,  # 0 : pas de processus pour préparer d'avance
)
val_data = DataLoader(Passengers(x_val, y_val), batch_size=1000)
test_data = DataLoader(Passengers(x_test, y_test), batch_size=1000)

sizes = [len(batch_labels) for _, batch_labels in train_data]
n_batches, last_size = len(sizes), sizes[-1]
print(n_batches, "lots, le dernier de", last_size, "lignes")
# --8<-- [end:loaders]

# --8<-- [start:define]
model = nn.Sequential(
    nn.Linear(12, 16),
    nn.ReLU(),
    nn.Linear(16, 2),
)
n_parameters = sum(p.numel() for p in model.parameters())
print(n_parameters, "paramètres")
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
# --8<-- [end:loss]


# --8<-- [start:train]
def accuracy_on(loader):
    model.eval()
    n_correct = 0
    with torch.no_grad():
        for inputs, targets in loader:
            n_correct += (model(inputs).argmax(dim=1) == targets).sum().item()
    return n_correct / len(loader.dataset)


for epoch in range(EPOCHS):
    model.train()
    total_loss = 0.0
    for inputs, targets in train_data:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(targets)
    if (epoch + 1) % 5 == 0:
        print(
            f"Époque {epoch + 1:2}/{EPOCHS}"
            f" · perte {total_loss / len(x_train):.3f}"
            f" · validation {accuracy_on(val_data):.1%}"
        )
val_accuracy = accuracy_on(val_data)
# --8<-- [end:train]

# --8<-- [start:evaluate]
test_accuracy = accuracy_on(test_data)
women_accuracy = (y_test == (test["sex"] == "female")).mean()
print(f"Règle « seules les femmes » : {women_accuracy:.1%}")
print(f"Réseau                      : {test_accuracy:.1%}")
# --8<-- [end:evaluate]

# --8<-- [start:check]
assert sum(sizes) == len(x_train), "ligne oubliée par les lots"
assert sorted(whole_order) == list(range(20)), "mélange avec perte"
assert 0.7 < test_accuracy < 0.9, "exactitude peu croyable sans fuite"
print("Tout est vrai.")
# --8<-- [end:check]
