# --8<-- [start:imports]
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:train]
images, labels = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    images, labels, test_size=320, stratify=labels, random_state=0
)
mean, spread = x_train.mean(axis=0), x_train.std(axis=0) + 1
model = LogisticRegression(max_iter=1000)
model.fit((x_train - mean) / spread, y_train)
# --8<-- [end:train]

# --8<-- [start:same]
served = (x_test - mean) / spread
model.predict_proba(served[:1])  # la première prédiction chauffe tout

start = time.perf_counter()
alone = np.vstack([model.predict_proba(row[None]) for row in served])
time_alone = time.perf_counter() - start

start = time.perf_counter()
together = model.predict_proba(served)
time_together = time.perf_counter() - start

same_answers = np.array_equal(alone.argmax(axis=1), together.argmax(axis=1))
gap = np.abs(alone - together).max()
print("Mêmes réponses, seules ou en lot :", same_answers)
print("Écart des probabilités sous un milliardième :", bool(gap < 1e-9))
print("Un seul lot finit avant :", time_together < time_alone)
# --8<-- [end:same]


# --8<-- [start:neighbours]
def predict_badly(batch):
    """Normalise avec la moyenne et l'écart-type du lot lui-même."""
    own = (batch - batch.mean(axis=0)) / (batch.std(axis=0) + 1)
    return model.predict(own)


order = np.random.default_rng(0).permutation(len(x_test))
first = np.concatenate([predict_badly(b) for b in np.split(x_test, 20)])
second = np.empty_like(first)
second[order] = np.concatenate(
    [predict_badly(b) for b in np.split(x_test[order], 20)]
)
n_changed = int((first != second).sum())
print(n_changed, "réponses sur", len(x_test), "dépendent des voisines")
# --8<-- [end:neighbours]


# --8<-- [start:group]
def group(arrivals, size, patience):
    """Lots formés : un lot part plein, ou après `patience` secondes."""
    batches = []
    for now in arrivals:
        full = not batches or len(batches[-1]) == size
        if full or now > batches[-1][0] + patience:
            batches.append([])
        batches[-1].append(now)
    return batches


def waits(batches, size, patience):
    """Attente de chaque requête avant le départ de son lot."""
    found = []
    for batch in batches:
        leaves = batch[-1] if len(batch) == size else batch[0] + patience
        found += [leaves - arrived for arrived in batch]
    return np.array(found)


# --8<-- [end:group]

# --8<-- [start:wait]
SIZE, PATIENCE = 16, 0.020
mean_size, mean_wait = {}, {}
for per_second in (5, 100, 2000):
    gaps = np.random.default_rng(0).exponential(1 / per_second, 5000)
    batches = group(np.cumsum(gaps), SIZE, PATIENCE)
    mean_size[per_second] = 5000 / len(batches)
    mean_wait[per_second] = waits(batches, SIZE, PATIENCE).mean() * 1000
    print(
        f"{per_second:4} requêtes par seconde :"
        f" {mean_size[per_second]:4.1f} par lot,"
        f" {mean_wait[per_second]:4.1f} ms d'attente"
    )
calm_wait, busy_wait = mean_wait[5], mean_wait[2000]
# --8<-- [end:wait]

# --8<-- [start:check]
assert same_answers and gap < 1e-9
assert time_together < time_alone
assert n_changed > 5, "le lot ne doit jamais décider de la normalisation"
assert mean_size[5] < 1.5 and mean_size[2000] > 15
assert busy_wait < calm_wait / 2, "le regroupement coûte surtout au calme"
print("Tout est vrai.")
# --8<-- [end:check]
