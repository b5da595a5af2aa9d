# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 42
# --8<-- [end:imports]

# --8<-- [start:why]
wine = load_wine()
spread = np.ptp(wine.data, axis=0)
widest, narrowest = spread.argmax(), spread.argmin()
print(f"{wine.feature_names[widest]:>22} varie de {spread[widest]:.1f}")
print(f"{wine.feature_names[narrowest]:>22} varie de {spread[narrowest]:.1f}")

neighbors = KNeighborsClassifier()
scaled_neighbors = make_pipeline(StandardScaler(), neighbors)
raw_accuracy = cross_val_score(neighbors, wine.data, wine.target).mean()
scaled_accuracy = cross_val_score(
    scaled_neighbors, wine.data, wine.target
).mean()
print(f"Exactitude, données brutes      : {raw_accuracy:.1%}")
print(f"Exactitude, données normalisées : {scaled_accuracy:.1%}")
# --8<-- [end:why]

# --8<-- [start:noise]
# Données synthétiques : du hasard pur, il n'y a rien à apprendre
rng = np.random.default_rng(SEED)
x_noise = rng.normal(size=(100, 5000))
y_noise = rng.permutation([0, 1] * 50)
# --8<-- [end:noise]

# --8<-- [start:fault]
# LA FAUTE : choisir les colonnes en regardant toutes les étiquettes
selected = SelectKBest(k=20).fit_transform(x_noise, y_noise)
fault_accuracy = cross_val_score(neighbors, selected, y_noise).mean()
print(f"Préparer, puis découper : {fault_accuracy:.1%}")
# --8<-- [end:fault]

# --8<-- [start:pipeline]
# Le remède : la préparation fait partie du modèle
pipeline = make_pipeline(SelectKBest(k=20), neighbors)
clean_accuracy = cross_val_score(pipeline, x_noise, y_noise).mean()
print(f"Découper, puis préparer : {clean_accuracy:.1%}")
# --8<-- [end:pipeline]

# --8<-- [start:check]
assert scaled_accuracy > raw_accuracy + 0.1, "normaliser devrait aider ici"
assert fault_accuracy > 0.75, "la fuite devrait tromper"
assert clean_accuracy < 0.65, "on ne prédit pas le hasard"
print("Tout est vrai.")
# --8<-- [end:check]
