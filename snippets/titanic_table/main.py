# --8<-- [start:imports]
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import fetch_openml
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 42
# --8<-- [end:imports]

# --8<-- [start:load]
raw = fetch_openml(data_id=40945, as_frame=True, parser="liac-arff").frame

n_rows, n_columns = raw.shape
print(n_rows, "lignes,", n_columns, "colonnes")
passenger = raw.loc[2]
for column in raw.columns:
    print(f"{column:10} {passenger[column]}")
# --8<-- [end:load]

# --8<-- [start:missing]
missing = raw.isna().mean().sort_values(ascending=False)
print(missing[missing > 0].map("{:.1%}".format).to_string())
missing_age = missing["age"]
# --8<-- [end:missing]

# --8<-- [start:types]
print("Avant :", dict(raw[["pclass", "survived", "sex"]].dtypes.astype(str)))

# Une étiquette est un entier ; une classe de billet est une catégorie
table = raw.assign(
    survived=raw["survived"].astype(int),
    pclass=raw["pclass"].astype(int).astype("category"),
)
print("Après :", dict(table[["pclass", "survived", "sex"]].dtypes.astype(str)))

print("\nNombres d'un coup d'œil :")
numbers = table[["age", "sibsp", "parch", "fare"]]
print(numbers.describe().loc[["min", "50%", "max"]].round(1).to_string())
n_free = int((table["fare"] == 0).sum())
print("Billets à prix nul :", n_free)
# --8<-- [end:types]

# --8<-- [start:duplicates]
n_duplicates = int(table.duplicated().sum())
print("Lignes identiques :", n_duplicates)

namesakes = table[table["name"].duplicated(keep=False)]
print(namesakes[["name", "age", "ticket", "survived"]].to_string())
# --8<-- [end:duplicates]

# --8<-- [start:hidden]
# Un trou n'est pas toujours un hasard : qui n'a pas d'âge connu ?
survival = table.groupby(table["age"].isna())["survived"].mean()
known_age_survival, unknown_age_survival = survival[False], survival[True]
print(f"Survie, âge connu   : {known_age_survival:.1%}")
print(f"Survie, âge inconnu : {unknown_age_survival:.1%}")
# --8<-- [end:hidden]

# --8<-- [start:split]
labels = table["survived"]
features = table.drop(columns="survived")

# Mettre 20 % de côté pour le test, puis 20 % pour la validation
x_rest, x_test, y_rest, y_test = train_test_split(
    features, labels, test_size=0.2, stratify=labels, random_state=SEED
)
x_train, x_val, y_train, y_val = train_test_split(
    x_rest, y_rest, test_size=0.25, stratify=y_rest, random_state=SEED
)
parts = {
    "toute la table": labels,
    "entraînement": y_train,
    "validation": y_val,
    "test": y_test,
}
for name, part in parts.items():
    print(f"{name:14} {len(part):5} lignes, {part.mean():.1%} de survie")
train_rate, test_rate = y_train.mean(), y_test.mean()
n_train, n_val, n_test = len(y_train), len(y_val), len(y_test)
# --8<-- [end:split]

# --8<-- [start:pipeline]
NUMBERS = ["age", "sibsp", "parch", "fare"]
CATEGORIES = ["pclass", "sex", "embarked"]


def build_model(categories):
    prepare = make_column_transformer(
        (
            # Boucher les trous par la médiane, puis centrer et réduire
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            NUMBERS,
        ),
        # Une colonne de 0 et de 1 par catégorie ; inconnue : que des 0
        (OneHotEncoder(handle_unknown="ignore"), categories),
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=1000))


# --8<-- [end:pipeline]

# --8<-- [start:leak]
leaky_train = x_train.assign(
    rescued=x_train["boat"].notna(), found_dead=x_train["body"].notna()
)
leaky_val = x_val.assign(
    rescued=x_val["boat"].notna(), found_dead=x_val["body"].notna()
)
leaky_model = build_model([*CATEGORIES, "rescued", "found_dead"])
leaky_model.fit(leaky_train, y_train)
leaky_accuracy = leaky_model.score(leaky_val, y_val)
print(f"Exactitude de validation, avec la fuite : {leaky_accuracy:.1%}")
# --8<-- [end:leak]

# --8<-- [start:honest]
model = build_model(CATEGORIES)
model.fit(x_train, y_train)
honest_accuracy = model.score(x_val, y_val)
# Deux références sans apprentissage, pour savoir ce que vaut ce nombre
majority_accuracy = (y_val == 0).mean()
women_accuracy = (y_val == (x_val["sex"] == "female")).mean()

print(f"« Personne ne survit »            : {majority_accuracy:.1%}")
print(f"« Seules les femmes survivent »   : {women_accuracy:.1%}")
print(f"Modèle honnête                    : {honest_accuracy:.1%}")
print(f"Modèle qui connaît les canots     : {leaky_accuracy:.1%}")
# --8<-- [end:honest]

# --8<-- [start:scale]
imputer, scaler = model[0].named_transformers_["pipeline"]
print("Colonnes       :", *NUMBERS)
print("Bouche-trou    :", *imputer.statistics_.round(1))
print("Moyenne        :", *scaler.mean_.round(1))
print("Écart-type     :", *scaler.scale_.round(1))

filled = imputer.transform(x_train[NUMBERS])
scaled = scaler.transform(filled)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
for axes, values in ((left, filled), (right, scaled)):
    axes.violinplot(values, showmedians=True)
    axes.set_xticks(range(1, 5), NUMBERS)
left.set(title="Avant : unités mêlées")
right.set(title="Après : centré, réduit")
plt.show()
# --8<-- [end:scale]

# --8<-- [start:families]
# Un billet partagé : une famille, des amis, une domestique
shared = x_val["ticket"].isin(x_train["ticket"])
n_shared = int(shared.sum())
print(f"{n_shared} passagers de la validation sur {n_val} partagent")
print("leur billet avec quelqu'un de l'entraînement")
# --8<-- [end:families]

# --8<-- [start:check]
split_tickets = pd.concat([x_train, x_val, x_test]).index
assert sorted(split_tickets) == list(range(n_rows)), "ligne perdue ou doublée"
assert abs(train_rate - test_rate) < 0.01, "découpage non stratifié"
assert leaky_accuracy > 0.93, "le canot donne la réponse"
assert majority_accuracy < honest_accuracy < 0.9, "score peu croyable"
assert women_accuracy > honest_accuracy, "le modèle bat la règle"
assert abs(scaled.mean(axis=0)).max() < 1e-6, "colonnes non centrées"
print("Tout est vrai.")
# --8<-- [end:check]
