# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_score,
    recall_score,
)
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:load]
data = load_breast_cancer()
# scikit-learn note 0 les tumeurs malignes : ici, maligne vaut 1
x, y = data.data[:, :2], 1 - data.target
print("Deux mesures :", *data.feature_names[:2], sep="\n  ")
x_rest, x_test, y_rest, y_test = train_test_split(
    x, y, test_size=0.25, stratify=y, random_state=0
)
x_train, x_val, y_train, y_val = train_test_split(
    x_rest, y_rest, test_size=0.25, stratify=y_rest, random_state=0
)
mean, std = x_train.mean(axis=0), x_train.std(axis=0)
x_train, x_val, x_test = (
    (part - mean) / std for part in (x_train, x_val, x_test)
)
n_test, n_malignant = len(y_test), int(y_test.sum())
print(f"{len(y_train)} pour apprendre, {len(y_val)} pour régler")
print(f"{n_test} pour juger, dont {n_malignant} tumeurs malignes")
# --8<-- [end:load]


# --8<-- [start:train]
def predict(x):
    """Probabilité d'être maligne : sigmoïde d'une somme pondérée."""
    return 1 / (1 + np.exp(-(x @ weights + bias)))


weights, bias = np.zeros(x.shape[1]), 0.0
for step in range(1, 201):
    p = predict(x_train)
    # Dérivée de l'entropie croisée : l'écart, tout simplement
    errors = p - y_train
    weights = weights - 0.1 * x_train.T @ errors / len(errors)
    bias = bias - 0.1 * errors.mean()
    if step in (1, 10, 50, 200):
        loss = -np.mean(np.log(np.where(y_train == 1, p, 1 - p)))
        print(f"étape {step:3} · perte {loss:.3f}")
# --8<-- [end:train]


# --8<-- [start:count]
def count(y_true, y_pred):
    """Vrais positifs, faux positifs, faux négatifs, vrais négatifs."""
    tp = int(np.sum((y_pred == 1) & (y_true == 1)))
    fp = int(np.sum((y_pred == 1) & (y_true == 0)))
    fn = int(np.sum((y_pred == 0) & (y_true == 1)))
    tn = int(np.sum((y_pred == 0) & (y_true == 0)))
    return tp, fp, fn, tn


answers = predict(x_val) >= 0.5
tp, fp, fn, tn = count(y_val, answers)
print(f"vrais positifs {tp:3} · faux positifs {fp:3}")
print(f"faux négatifs  {fn:3} · vrais négatifs {tn:3}")
# --8<-- [end:count]

# --8<-- [start:metrics]
accuracy = (tp + tn) / (tp + fp + fn + tn)
precision = tp / (tp + fp)
recall = tp / (tp + fn)
f1 = 2 * precision * recall / (precision + recall)
print("             à la main   scikit-learn")
for name, value, function in [
    ("exactitude", accuracy, accuracy_score),
    ("précision", precision, precision_score),
    ("rappel", recall, recall_score),
    ("F1", f1, f1_score),
]:
    print(f"{name:10} {value:10.2%} {function(y_val, answers):12.2%}")
# --8<-- [end:metrics]

# --8<-- [start:lazy]
lazy = np.zeros_like(y_val)
lazy_accuracy = accuracy_score(y_val, lazy)
lazy_recall = recall_score(y_val, lazy)
print(f"« Toujours bénin » : exactitude {lazy_accuracy:.1%}", end="")
print(f", rappel {lazy_recall:.0%}")
# --8<-- [end:lazy]

# --8<-- [start:threshold]
thresholds = np.linspace(0.02, 0.98, 97)
curves = {"précision": [], "rappel": [], "F1": []}
for threshold in thresholds:
    a, b, c, _ = count(y_val, predict(x_val) >= threshold)
    curves["précision"].append(a / (a + b))
    curves["rappel"].append(a / (a + c))
    curves["F1"].append(2 * a / (2 * a + b + c))

# Le plus haut seuil qui ne manque aucune tumeur de la validation
safe = np.array(curves["rappel"]) == 1
safe_threshold = thresholds[safe].max()
print(f"Seuil prudent : {safe_threshold:.2f}")

figure, axes = plt.subplots(figsize=(7, 3.6))
for (name, values), style in zip(curves.items(), ["-", "--", ":"]):
    axes.plot(thresholds, values, linestyle=style, label=name)
axes.axvline(safe_threshold, color="#8a93a3", linewidth=1)
axes.set(xlabel="seuil", ylabel="sur la validation")
axes.legend()
plt.show()
# --8<-- [end:threshold]

# --8<-- [start:judge]
for label, threshold in [("0,50", 0.5), ("prudent", safe_threshold)]:
    answers = predict(x_test) >= threshold
    test_tp, test_fp, test_fn, _ = count(y_test, answers)
    test_recall = recall_score(y_test, answers)
    test_precision = precision_score(y_test, answers)
    print(f"seuil {label:7} · précision {test_precision:.1%}", end="")
    print(f" · rappel {test_recall:.1%} · manquées : {test_fn}")
# --8<-- [end:judge]

# --8<-- [start:check]
assert tp + fp + fn + tn == len(y_val)
assert np.isclose(f1, f1_score(y_val, predict(x_val) >= 0.5))
assert accuracy > lazy_accuracy and lazy_recall == 0
assert np.all(np.diff(curves["rappel"]) <= 0), "le rappel ne peut que baisser"
assert test_recall > 0.8
print("Tout est vrai.")
# --8<-- [end:check]
