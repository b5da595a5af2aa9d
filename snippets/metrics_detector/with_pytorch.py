# --8<-- [start:imports]
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import (
    confusion_matrix,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
BATCH_SIZE = 50
EPOCHS = 8
LEARNING_RATE = 0.003

torch.manual_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:load]
train_data = datasets.MNIST("data", train=True, download=True)
test_data = datasets.MNIST("data", train=False, download=True)
x_train, y_train = train_data.data, train_data.targets
x_test, y_test = test_data.data, test_data.targets
# --8<-- [end:load]


# --8<-- [start:prepare]
def prepare(images, digits):
    """Pixels à plat entre 0 et 1 ; étiquette 1 pour un 8, 0 sinon."""
    pixels = images.reshape(-1, 784).float() / 255
    return pixels, (digits == 8).long().numpy()


x_train, y_train = prepare(x_train, y_train)
x_test, y_test = prepare(x_test, y_test)

# Peu d'images pour apprendre : le calcul est court, la tâche difficile
x_val, y_val = x_train[-10_000:], y_train[-10_000:]
x_train, y_train = x_train[:4000], y_train[:4000]

n_train, n_val, n_test = len(x_train), len(x_val), len(x_test)
positive_rate = y_val.mean()
print(f"{n_train} pour apprendre, {n_val} pour régler, {n_test} pour juger")
print(f"Part de 8 dans la validation : {positive_rate:.1%}")
# --8<-- [end:prepare]

# --8<-- [start:never]
never_accuracy = np.mean(y_val == 0)
print(f"Toujours « non » : exactitude {never_accuracy:.1%}")
print(f"Chiffres 8 trouvés : 0 sur {y_val.sum()}")
# --8<-- [end:never]


# --8<-- [start:define]
def make_model():
    return nn.Sequential(
        nn.Linear(784, 32),
        nn.Tanh(),
        nn.Linear(32, 1),  # un seul score, sans activation
    )


model = make_model()
# --8<-- [end:define]

# --8<-- [start:loss]
loss_fn = nn.BCEWithLogitsLoss()
# --8<-- [end:loss]


# --8<-- [start:train]
def train(model, loss_fn):
    """Entraîner avec la perte donnée."""
    train_set = TensorDataset(x_train, torch.tensor(y_train).float())
    loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    model.train()
    for _ in range(EPOCHS):
        for images, labels in loader:
            scores = model(images)[:, 0]  # de (lot, 1) à (lot,)
            loss = loss_fn(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def predict_scores(model, images):
    model.eval()
    with torch.no_grad():
        return model(images)[:, 0].numpy()


train(model, loss_fn)
val_scores = predict_scores(model, x_val)
print("Premiers scores :", [round(float(s), 1) for s in val_scores[:5]])
# --8<-- [end:train]


# --8<-- [start:confusion]
def count_cases(truth, alert):
    """Les quatre cases de la matrice de confusion binaire."""
    tp = int(np.sum(alert & (truth == 1)))  # vrais positifs
    fp = int(np.sum(alert & (truth == 0)))  # fausses alertes
    fn = int(np.sum(~alert & (truth == 1)))  # 8 manqués
    tn = int(np.sum(~alert & (truth == 0)))  # vrais négatifs
    return tp, fp, fn, tn


# Score positif, probabilité supérieure à un demi : le détecteur alerte
tp, fp, fn, tn = count_cases(y_val, val_scores > 0)
print("                 alerte   pas d'alerte")
print(f"c'est un 8       {tp:6}   {fn:12}")
print(f"autre chiffre    {fp:6}   {tn:12}")
assert [[tn, fp], [fn, tp]] == confusion_matrix(y_val, val_scores > 0).tolist()
# --8<-- [end:confusion]


# --8<-- [start:precision]
def summarize(truth, alert):
    """Précision, rappel et F1 d'une série d'alertes."""
    tp, fp, fn, _ = count_cases(truth, alert)
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn)
    f1 = 2 * tp / (2 * tp + fp + fn)
    return precision, recall, f1


val_precision, val_recall, val_f1 = summarize(y_val, val_scores > 0)
val_accuracy = np.mean((val_scores > 0) == y_val)
print(f"Exactitude {val_accuracy:.1%}")
print(f"Précision  {val_precision:.1%}")
print(f"Rappel     {val_recall:.1%}")
print(f"F1         {val_f1:.3f}")
assert np.isclose(val_f1, f1_score(y_val, val_scores > 0))
# --8<-- [end:precision]

# --8<-- [start:threshold]
val_probabilities = 1 / (1 + np.exp(-val_scores))
for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
    precision, recall, _ = summarize(y_val, val_probabilities > threshold)
    print(
        f"seuil {threshold} : précision {precision:.1%}, rappel {recall:.1%}"
    )
# --8<-- [end:threshold]

# --8<-- [start:roc]
fpr, tpr, _ = roc_curve(y_val, val_scores)
val_auc = roc_auc_score(y_val, val_scores)

# Tirer des paires au hasard : le 8 a-t-il le plus haut score ?
generator = np.random.default_rng(SEED)
eights = generator.choice(val_scores[y_val == 1], 100_000)
others = generator.choice(val_scores[y_val == 0], 100_000)
pair_auc = np.mean(eights > others)
print(f"AUC par la courbe : {val_auc:.3f}")
print(f"AUC par les paires : {pair_auc:.3f}")

precisions, recalls, _ = precision_recall_curve(y_val, val_scores)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
left.plot(fpr, tpr)
left.plot([0, 1], [0, 1], linestyle="--", label="au hasard")
left.set(title="ROC", xlabel="taux de fausses alertes", ylabel="rappel")
right.plot(recalls, precisions)
right.axhline(y_val.mean(), linestyle="--", color="C1", label="au hasard")
right.set(title="Précision-rappel", xlabel="rappel", ylabel="précision")
for axes in (left, right):
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(loc="center")
plt.show()
# --8<-- [end:roc]

# --8<-- [start:choose]
MISS_COST, ALARM_COST = 5, 1


def cost(truth, probabilities, threshold):
    """Ce que coûtent les erreurs commises à ce seuil."""
    _, fp, fn, _ = count_cases(truth, probabilities > threshold)
    return MISS_COST * fn + ALARM_COST * fp


thresholds = np.linspace(0.01, 0.99, 99)
costs = [cost(y_val, val_probabilities, t) for t in thresholds]
best_threshold = thresholds[np.argmin(costs)]
best_cost = min(costs)
half_cost = cost(y_val, val_probabilities, 0.5)
print(f"Coût au seuil un demi : {half_cost}")
print(f"Coût au seuil {best_threshold:.2f} : {best_cost}")
# --8<-- [end:choose]

# --8<-- [start:scores]
# Garder les scores, triés : la démo de la page déplace le seuil dessus
content = {
    name: np.sort(val_scores[y_val == truth].astype(float)).round(4).tolist()
    for name, truth in (("positifs", 1), ("negatifs", 0))
}
Path("scores.json").write_text(json.dumps(content), encoding="utf-8")

# Arrondis, ils donnent encore la matrice de confusion ci-dessus
assert sum(score > 0 for score in content["positifs"]) == tp
assert sum(score > 0 for score in content["negatifs"]) == fp
# --8<-- [end:scores]

# --8<-- [start:weights]
# Neuf images sur dix ne sont pas des 8 : donner le même poids aux deux
positive_weight = float(np.sum(y_train == 0) / np.sum(y_train == 1))
weighted_model = make_model()
weighted_loss_fn = nn.BCEWithLogitsLoss(
    pos_weight=torch.tensor(positive_weight)
)
train(weighted_model, weighted_loss_fn)
weighted_scores = predict_scores(weighted_model, x_val)

weighted = summarize(y_val, weighted_scores > 0)
weighted_precision, weighted_recall, weighted_f1 = weighted
weighted_auc = roc_auc_score(y_val, weighted_scores)
print(f"Poids d'un 8 : {positive_weight:.1f}")
print("            précision  rappel    AUC")
print(f"sans poids  {val_precision:9.1%} {val_recall:7.1%}  {val_auc:.3f}")
print(
    f"avec poids  {weighted_precision:9.1%} {weighted_recall:7.1%}"
    f"  {weighted_auc:.3f}"
)
# --8<-- [end:weights]

# --8<-- [start:judge]
test_scores = predict_scores(model, x_test)
test_probabilities = 1 / (1 + np.exp(-test_scores))
alerts = test_probabilities > best_threshold
test_precision, test_recall, test_f1 = summarize(y_test, alerts)
test_accuracy = np.mean(alerts == y_test)
tp, fp, fn, tn = count_cases(y_test, alerts)
print(f"Exactitude {test_accuracy:.1%} · précision {test_precision:.1%}")
print(f"Rappel {test_recall:.1%} · F1 {test_f1:.3f}")
print(f"{fn} chiffres 8 manqués, {fp} fausses alertes")
# --8<-- [end:judge]


# --8<-- [start:interval]
def wilson(n_good, n, z=1.96):
    """Intervalle de confiance à 95 % d'une proportion."""
    p = n_good / n
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    spread = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return center - spread / (1 + z**2 / n), center + spread / (1 + z**2 / n)


accuracy_low, accuracy_high = wilson(tp + tn, n_test)
recall_low, recall_high = wilson(tp, tp + fn)

# F1 n'est pas une proportion : tirer de nouveau les images du test
f1_draws = []
for _ in range(1000):
    rows = generator.integers(0, n_test, n_test)
    f1_draws.append(summarize(y_test[rows], alerts[rows])[2])
f1_low, f1_high = np.percentile(f1_draws, [2.5, 97.5])

print(f"Exactitude : de {accuracy_low:.1%} à {accuracy_high:.1%}")
print(f"Rappel     : de {recall_low:.1%} à {recall_high:.1%}")
print(f"F1         : de {f1_low:.3f} à {f1_high:.3f}")
# --8<-- [end:interval]

# --8<-- [start:check]
assert val_auc > 0.9, "le détecteur classe mal"
assert np.any(val_probabilities > 0.9), "aucune alerte sûre"
assert abs(val_auc - pair_auc) < 0.01, "l'AUC est une probabilité de paire"
assert val_accuracy > never_accuracy, "pas mieux que toujours « non »"
assert best_cost <= half_cost, "le seuil choisi coûte plus cher"
assert weighted_recall > val_recall, "pondérer devait hausser le rappel"
assert recall_high - recall_low > accuracy_high - accuracy_low
print("Tout est vrai.")
# --8<-- [end:check]
