# --8<-- [start:data]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest

cells = load_breast_cancer()
benign = cells.data[cells.target == 1]
malignant = cells.data[cells.target == 0]

# Ne montrer au modèle que du normal, et en garder pour juger
rng = np.random.default_rng(0)
benign = rng.permutation(benign)
x_train, x_normal = benign[:250], benign[250:]
n_train = len(x_train)
print(f"{n_train} tumeurs bénignes pour apprendre, aucune maligne")
# --8<-- [end:data]

# --8<-- [start:detect]
forest = IsolationForest(random_state=0).fit(x_train)


def anomaly_score(samples):
    """Plus le score est haut, plus l'exemple est facile à isoler."""
    return -forest.score_samples(samples)


# Choisir le seuil sur le normal connu : 5 % d'alertes acceptées
threshold = np.quantile(anomaly_score(x_train), 0.95)
normal_scores = anomaly_score(x_normal)
strange_scores = anomaly_score(malignant)
false_alarms = (normal_scores > threshold).mean()
recall = (strange_scores > threshold).mean()
# Chance qu'une maligne ait un score plus haut qu'une bénigne
ranking = (strange_scores[:, None] > normal_scores).mean()
print(f"Alertes sur {len(x_normal)} bénignes nouvelles : {false_alarms:.0%}")
print(f"Alertes sur {len(malignant)} malignes : {recall:.0%}")
print(f"Bon ordre entre une bénigne et une maligne : {ranking:.0%}")
# --8<-- [end:detect]

# --8<-- [start:scores]
figure, axes = plt.subplots(figsize=(7, 3.6))
bins = np.linspace(0.35, 0.75, 33)
axes.hist(normal_scores, bins, alpha=0.7, density=True, label="bénignes")
axes.hist(strange_scores, bins, alpha=0.7, density=True, label="malignes")
axes.axvline(threshold, color=plt.rcParams["text.color"], linestyle="--")
axes.set(xlabel="score d'anomalie", yticks=[])
axes.legend()
plt.show()
# --8<-- [end:scores]

# --8<-- [start:check]
assert ranking > 0.85, "les malignes ne ressortent pas"
assert recall > 3 * false_alarms, "le seuil ne sépare rien"
print("Tout est vrai.")
# --8<-- [end:check]
