# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# --8<-- [end:imports]


# --8<-- [start:load]
data = load_breast_cancer()
malignant = (data.target == 0).astype(int)  # le fichier code 0 pour maligne
x_train, x_test, y_train, y_test = train_test_split(
    data.data, malignant, test_size=0.4, random_state=0, stratify=malignant
)
n_test, n_sick = len(y_test), int(y_test.sum())
print(len(y_train), "tumeurs pour apprendre,", n_test, "pour juger")
print("dont malignes :", y_train.sum(), "et", y_test.sum())
# --8<-- [end:load]


# --8<-- [start:train]
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(x_train, y_train)
probability = model.predict_proba(x_test)[:, 1]
# --8<-- [end:train]


# --8<-- [start:judge]
def judge(probability, threshold):
    """Compte les oublis et les fausses alertes pour un seuil d'alerte."""
    alert = probability >= threshold
    missed = int((~alert & (y_test == 1)).sum())
    false_alerts = int((alert & (y_test == 0)).sum())
    accuracy = (alert == y_test).mean()
    print(f"seuil {threshold:.2f} : exactitude {100 * accuracy:.1f} %")
    print(f"  {missed} oublis, {false_alerts} fausses alertes")
    return accuracy, missed, false_alerts


accuracy, missed, false_alerts = judge(probability, 0.5)
# --8<-- [end:judge]


# --8<-- [start:choose]
inside = cross_val_predict(model, x_train, y_train, method="predict_proba")
sick = np.sort(inside[y_train == 1, 1])
threshold = float(sick[int(0.01 * len(sick))])
prudent_accuracy, prudent_missed, prudent_alerts = judge(
    probability, threshold
)
# --8<-- [end:choose]


# --8<-- [start:plot]
fig, ax = plt.subplots(figsize=(6.4, 3.2))
bins = np.linspace(0, 1, 21)
for value, name in ((0, "bénignes"), (1, "malignes")):
    ax.hist(probability[y_test == value], bins, alpha=0.6, label=name)
ax.axvline(0.5, color="C2", label="seuil 0,5")
ax.axvline(threshold, color="C3", linestyle="--", label="seuil prudent")
ax.set(xlabel="probabilité « maligne » selon le modèle", ylabel="tumeurs")
ax.set_yscale("symlog")
ax.legend(loc="upper center")
plt.show()
# --8<-- [end:plot]


# --8<-- [start:shift]
elsewhere = x_test.copy()
for column, name in enumerate(data.feature_names):
    if "radius" in name or "perimeter" in name:
        elsewhere[:, column] *= 0.9
    if "area" in name:
        elsewhere[:, column] *= 0.9**2
shifted = model.predict_proba(elsewhere)[:, 1]
shifted_accuracy, shifted_missed, shifted_alerts = judge(shifted, threshold)
# --8<-- [end:shift]


# --8<-- [start:check]
assert accuracy > 0.93, "le modèle sépare bien ces deux groupes"
assert prudent_missed < missed, "un seuil plus bas oublie moins"
assert prudent_alerts > false_alerts, "et alerte davantage"
assert prudent_missed / n_sick > 0.01, "le test ne tient pas la promesse"
assert shifted_missed > prudent_missed, "une autre échelle, plus d'oublis"
assert shifted_accuracy > prudent_accuracy, "et l'exactitude n'en dit rien"
print("Tout est vrai.")
# --8<-- [end:check]
