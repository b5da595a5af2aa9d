# --8<-- [start:imports]
import hashlib
from collections import OrderedDict

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:models]
images, labels = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    images / 16, labels, test_size=300, stratify=labels, random_state=0
)
old = LogisticRegression(max_iter=1000).fit(x_train[:60], y_train[:60])
new = LogisticRegression(max_iter=1000).fit(x_train, y_train)
# --8<-- [end:models]


# --8<-- [start:version]
def digest(array):
    """Empreinte d'un tableau : un seul bit change, tout change."""
    return hashlib.sha256(array.tobytes()).hexdigest()


def version(model):
    """Empreinte des poids : un autre modèle, une autre version."""
    weights = np.column_stack([model.coef_, model.intercept_])
    return digest(weights)[:12]


# --8<-- [end:version]


# --8<-- [start:cache]
class Cache:
    """Garde les dernières réponses, `capacity` au plus."""

    def __init__(self, capacity):
        self.capacity = capacity
        self.kept = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key, compute):
        if key in self.kept:
            self.hits += 1
            self.kept.move_to_end(key)  # servie : elle redevient récente
        else:
            self.misses += 1
            self.kept[key] = compute()
            if len(self.kept) > self.capacity:
                self.kept.popitem(last=False)  # la plus ancienne s'en va
        return self.kept[key]


# --8<-- [end:cache]


# --8<-- [start:serve]
def answer(cache, model, image):
    key = digest(image), version(model)
    return cache.get(key, lambda: int(model.predict(image[None])[0]))


cache = Cache(capacity=100)
for _ in range(3):
    answer(cache, new, x_test[0])
print("La même image, trois fois :", cache.misses, "calcul")

touched = x_test[0].copy()
touched[0] += 1 / 16  # un pixel, d'un seul niveau de gris
answer(cache, new, touched)
print("Avec un pixel retouché :", cache.misses, "calculs")
# --8<-- [end:serve]

# --8<-- [start:bounded]
for image in x_test:
    answer(cache, new, image)
n_kept = len(cache.kept)
print(len(x_test), "images passées,", n_kept, "réponses gardées")
# --8<-- [end:bounded]


# --8<-- [start:bug]
def careless(cache, model, image):
    key = digest(image)  # il manque la version du modèle
    return cache.get(key, lambda: int(model.predict(image[None])[0]))


def accuracy(serve, cache, model):
    found = [serve(cache, model, image) for image in x_test]
    return float(np.mean(found == y_test))


cache = Cache(capacity=1000)
before = accuracy(careless, cache, old)
stale = accuracy(careless, cache, new)
print(f"Ancien modèle : {before:.1%}")
print(f"Nouveau modèle, clé sans version : {stale:.1%}")
# --8<-- [end:bug]

# --8<-- [start:fixed]
cache = Cache(capacity=1000)
accuracy(answer, cache, old)
fresh = accuracy(answer, cache, new)
print(f"Nouveau modèle, clé avec version : {fresh:.1%}")
# --8<-- [end:fixed]

# --8<-- [start:check]
assert n_kept == 100, "un cache sans borne finit par remplir la mémoire"
assert stale == before, "le nouveau modèle n'a jamais été consulté"
assert fresh > before + 0.05
assert version(old) != version(new)
print("Tout est vrai.")
# --8<-- [end:check]
