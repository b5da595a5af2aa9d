# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split

SEED = 0
x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    x / 16, y, test_size=0.5, random_state=SEED, stratify=y
)
model = LogisticRegression(max_iter=1000)
# --8<-- [end:imports]

# --8<-- [start:scramble]
# Brouiller exprès une étiquette sur cinq : la remplacer par une autre
generator = np.random.default_rng(SEED)
scrambled = generator.random(len(y_train)) < 0.2
offsets = generator.integers(1, 10, len(y_train))
y_noisy = np.where(scrambled, (y_train + offsets) % 10, y_train)
n_scrambled = scrambled.sum()
print(f"{n_scrambled} étiquettes brouillées sur {len(y_train)}")
# --8<-- [end:scramble]

# --8<-- [start:find]
# Chaque image est jugée par un modèle qui ne l'a pas apprise
probabilities = cross_val_predict(
    model, x_train, y_noisy, cv=5, method="predict_proba"
)
trust = probabilities[np.arange(len(y_noisy)), y_noisy]
suspects = trust < 0.1
n_suspects = suspects.sum()
search_precision = np.mean(scrambled[suspects])
search_recall = np.mean(suspects[scrambled])
print(f"{n_suspects} étiquettes suspectes")
print(f"précision {search_precision:.0%}, rappel {search_recall:.0%}")
# --8<-- [end:find]

# --8<-- [start:relabel]
# Relire les suspectes : ici, la vraie étiquette joue le relecteur
y_cleaned = np.where(suspects, y_train, y_noisy)
noisy_test = model.fit(x_train, y_noisy).score(x_test, y_test)
cleaned_test = model.fit(x_train, y_cleaned).score(x_test, y_test)
true_test = model.fit(x_train, y_train).score(x_test, y_test)
print(f"étiquettes brouillées {noisy_test:.1%}")
print(f"étiquettes relues     {cleaned_test:.1%}")
print(f"étiquettes d'origine  {true_test:.1%}")
# --8<-- [end:relabel]

# --8<-- [start:check]
assert search_recall > 0.7, "la recherche devait trouver les brouillées"
assert noisy_test < cleaned_test, "relire devait aider"
print("Tout est vrai.")
# --8<-- [end:check]
