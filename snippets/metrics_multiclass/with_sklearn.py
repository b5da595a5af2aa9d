# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

SEED = 0
# --8<-- [end:imports]

# --8<-- [start:load]
x, y = load_digits(return_X_y=True)
x = x / 16

# Rendre le 8 et le 9 rares, exprès : n'en garder qu'un sur six
generator = np.random.default_rng(SEED)
kept = (y < 8) | (generator.random(len(y)) < 1 / 6)
x_train, x_test, y_train, y_test = train_test_split(
    x[kept], y[kept], test_size=0.5, random_state=SEED, stratify=y[kept]
)
print("Chiffres du test :", np.bincount(y_test).tolist())
# --8<-- [end:load]

# --8<-- [start:by_class]
model = LogisticRegression(C=0.05, max_iter=1000)
predictions = model.fit(x_train, y_train).predict(x_test)

f1_by_class = []
for digit in range(10):
    tp = np.sum((predictions == digit) & (y_test == digit))
    fp = np.sum((predictions == digit) & (y_test != digit))
    fn = np.sum((predictions != digit) & (y_test == digit))
    f1_by_class.append(2 * tp / (2 * tp + fp + fn))
    print(
        f"chiffre {digit} : rappel {tp / (tp + fn):4.0%}"
        f" · F1 {f1_by_class[-1]:.2f} · {tp + fn} images"
    )
# --8<-- [end:by_class]

# --8<-- [start:averages]
accuracy = np.mean(predictions == y_test)
macro_f1 = np.mean(f1_by_class)
micro_f1 = f1_score(y_test, predictions, average="micro")
print(f"Exactitude {accuracy:.3f}")
print(f"F1 micro   {micro_f1:.3f}")
print(f"F1 macro   {macro_f1:.3f}")
# --8<-- [end:averages]

# --8<-- [start:check]
assert np.isclose(micro_f1, accuracy), "ici, F1 micro est l'exactitude"
assert np.isclose(macro_f1, f1_score(y_test, predictions, average="macro"))
assert macro_f1 < micro_f1, "les classes rares devaient peser plus"
assert max(f1_by_class[8:]) < 0.4, "le 8 et le 9 devaient être mal lus"
print("Tout est vrai.")
# --8<-- [end:check]
