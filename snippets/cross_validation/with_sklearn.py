# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import (
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0
x, y = load_digits(return_X_y=True)
# Deux cents images seulement : c'est là que la validation croisée sert
x, _, y, _ = train_test_split(
    x, y, train_size=200, random_state=SEED, stratify=y
)
model = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=3))
# --8<-- [end:imports]

# --8<-- [start:single]
# Un seul découpage : quarante images jugent, et le hasard décide
single = []
for seed in range(20):
    x_train, x_val, y_train, y_val = train_test_split(
        x, y, test_size=40, random_state=seed, stratify=y
    )
    single.append(model.fit(x_train, y_train).score(x_val, y_val))
single_low, single_high = min(single), max(single)
print(f"20 découpages simples : de {single_low:.1%} à {single_high:.1%}")
# --8<-- [end:single]

# --8<-- [start:folds]
folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
scores = []
for train_rows, val_rows in folds.split(x, y):
    model.fit(x[train_rows], y[train_rows])
    scores.append(model.score(x[val_rows], y[val_rows]))
    print(f"pli {len(scores)} : {scores[-1]:.1%}")
mean_score, spread = np.mean(scores), np.std(scores, ddof=1)
print(f"moyenne {mean_score:.1%} ± {100 * spread:.1f}")
# --8<-- [end:folds]

# --8<-- [start:repeat]
means = []
for seed in range(20):
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
    means.append(cross_val_score(model, x, y, cv=folds).mean())
means_low, means_high = min(means), max(means)
print(f"20 validations croisées : de {means_low:.1%} à {means_high:.1%}")
# --8<-- [end:repeat]

# --8<-- [start:check]
assert np.isclose(means[SEED], mean_score), "mêmes plis, même moyenne"
assert means_high - means_low < single_high - single_low
print("Tout est vrai.")
# --8<-- [end:check]
