# --8<-- [start:data]
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 8
torch.set_num_threads(1)  # un si petit modèle n'en occupe pas deux

images, digits = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(
    torch.tensor(images / 16).float(),
    torch.tensor(digits),
    test_size=0.3,
    stratify=digits,
    random_state=0,
)
train_data = TensorDataset(x_train, y_train)
print(len(x_train), "images pour apprendre,", len(x_val), "pour comparer")
# --8<-- [end:data]


# --8<-- [start:train]
def train(loader, loss_fn=cross_entropy, clear=True, dropout=0.0):
    torch.manual_seed(0)  # mêmes poids de départ à chaque essai
    model = nn.Sequential(
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for _ in range(EPOCHS):
        for images, labels in loader:
            loss = loss_fn(model(images), labels)
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    return model


def accuracy(model):
    with torch.no_grad():
        answers = model(x_val).argmax(dim=1)
    return (answers == y_val).float().mean().item()


def shuffled():
    generator = torch.Generator().manual_seed(0)
    return DataLoader(
        train_data, batch_size=32, shuffle=True, generator=generator
    )


good = train(shuffled())
reference = accuracy(good)
print(f"Référence : {reference:.1%}")
# --8<-- [end:train]

# --8<-- [start:zero_grad]
not_cleared = accuracy(train(shuffled(), clear=False))
print(f"Avec zero_grad : {reference:.1%}")
print(f"Sans zero_grad : {not_cleared:.1%}")
# --8<-- [end:zero_grad]


# --8<-- [start:softmax]
def double_softmax(logits, labels):
    return cross_entropy(logits.softmax(dim=1), labels)


def final_loss(model, loss_fn):
    with torch.no_grad():
        return loss_fn(model(x_train), y_train).item()


double = train(shuffled(), loss_fn=double_softmax)
single_loss = final_loss(good, cross_entropy)
double_loss = final_loss(double, double_softmax)
double_accuracy = accuracy(double)
print(f"Un softmax    : perte {single_loss:.2f}, {reference:.1%}")
print(f"Deux softmax  : perte {double_loss:.2f}, {double_accuracy:.1%}")

# La plus petite perte que deux softmax permettent, avec dix classes
perfect = torch.eye(10)
floor = cross_entropy(perfect, torch.arange(10)).item()
print(f"Plancher avec deux softmax : {floor:.2f}")
# --8<-- [end:softmax]

# --8<-- [start:order]
order = y_train.argsort(stable=True)  # tous les 0, puis tous les 1…
sorted_data = TensorDataset(x_train[order], y_train[order])
first_labels = next(iter(DataLoader(sorted_data, batch_size=32)))[1]
print("Premier lot :", first_labels.unique().tolist())

sorted_model = train(DataLoader(sorted_data, batch_size=32))
sorted_accuracy = accuracy(sorted_model)
print(f"Lots mélangés : {reference:.1%}")
print(f"Lots triés    : {sorted_accuracy:.1%}")
# --8<-- [end:order]

# --8<-- [start:dropout]
model = train(shuffled(), dropout=0.5)
eval_accuracy = accuracy(model)

model.train()  # comme si l'on avait oublié model.eval()
forgotten_accuracy = accuracy(model)
with torch.no_grad():
    first = model(x_val).argmax(dim=1)
    second = model(x_val).argmax(dim=1)
n_changed = int((first != second).sum())

print(f"Avec eval : {eval_accuracy:.1%}")
print(f"Sans eval : {forgotten_accuracy:.1%}")
print(f"Réponses changées d'un appel à l'autre : {n_changed}")
# --8<-- [end:dropout]

# --8<-- [start:check]
assert reference > 0.9, "la référence doit bien apprendre"
assert not_cleared < reference, "l'oubli de zero_grad doit coûter"
assert double_loss > floor > single_loss, "le plancher doit se voir"
assert sorted_accuracy < reference - 0.1, "le tri doit coûter"
assert forgotten_accuracy < eval_accuracy, "l'abandon doit coûter"
assert n_changed > 0, "l'abandon doit faire varier les réponses"
print("Tout est vrai.")
# --8<-- [end:check]
