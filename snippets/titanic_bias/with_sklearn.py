# --8<-- [start:imports]
import matplotlib.pyplot as plt
from sklearn.datasets import fetch_openml
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# --8<-- [end:imports]


# --8<-- [start:load]
table = fetch_openml(data_id=40945, as_frame=True, parser="liac-arff").frame
table["woman"] = (table["sex"] == "female").astype(int)
table["survived"] = table["survived"].astype(int)
n_people = len(table)
print(n_people, "personnes,", table["woman"].sum(), "femmes")
# --8<-- [end:load]


# --8<-- [start:history]
history = table.pivot_table(index="woman", columns="pclass", values="survived")
for woman, name in [(1, "femmes"), (0, "hommes")]:
    rates = "  ".join(f"{100 * rate:3.0f} %" for rate in history.loc[woman])
    print(f"{name}, en 1re, 2e et 3e classe : {rates}")
# --8<-- [end:history]


# --8<-- [start:train]
columns = ["pclass", "age", "sibsp", "parch", "fare", "woman"]
train, test = train_test_split(
    table, test_size=0.4, random_state=0, stratify=table[["survived", "sex"]]
)


def fit(names, target="survived"):
    """Entraîne une régression logistique sur les colonnes citées."""
    model = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(),
    )
    return model.fit(train[names], train[target])


model = fit(columns)
predicted = model.predict(test[columns])
accuracy = (predicted == test["survived"]).mean()
print(f"Exactitude sur le jeu de test : {100 * accuracy:.0f} %")
# --8<-- [end:train]


# --8<-- [start:groups]
def report(predicted):
    """Mesure le modèle séparément pour les femmes et pour les hommes."""
    rows = {}
    for group, woman in [("femmes", 1), ("hommes", 0)]:
        here = (test["woman"] == woman).to_numpy()
        truth, answer = test["survived"].to_numpy()[here], predicted[here]
        rows[group] = {
            "exactitude": (answer == truth).mean(),
            "vraie survie": truth.mean(),
            "survie prédite": answer.mean(),
            "survivants retrouvés": answer[truth == 1].mean(),
        }
        print(group)
        for name, value in rows[group].items():
            print(f"  {name:<21}{100 * value:3.0f} %")
    return rows


with_sex = report(predicted)
# --8<-- [end:groups]


# --8<-- [start:plot]
fig, ax = plt.subplots(figsize=(6.4, 3))
for shift, (group, row) in zip([-0.2, 0.2], with_sex.items()):
    heights = [100 * row[k] for k in ("vraie survie", "survie prédite")]
    bars = ax.bar([0 + shift, 1 + shift], heights, 0.36, label=group)
    ax.bar_label(bars, fmt="%.0f %%")
ax.set_xticks([0, 1], ["dans les données", "selon le modèle"])
ax.set_ylabel("survie (en %)")
ax.set_ylim(0, 110)
ax.legend(loc="upper right", bbox_to_anchor=(1.22, 1))
plt.show()
# --8<-- [end:plot]


# --8<-- [start:blind]
blind_columns = columns[:-1]
blind = fit(blind_columns)
blind_predicted = blind.predict(test[blind_columns])
blind_accuracy = (blind_predicted == test["survived"]).mean()
print(f"Sans la colonne du sexe : {100 * blind_accuracy:.0f} %")
without_sex = report(blind_predicted)
# --8<-- [end:blind]


# --8<-- [start:proxy]
guess = fit(blind_columns, "woman")
guess_accuracy = guess.score(test[blind_columns], test["woman"])
always_man = DummyClassifier().fit(train[blind_columns], train["woman"])
always_man_accuracy = always_man.score(test[blind_columns], test["woman"])
print(f"Répondre toujours « homme »      : {100 * always_man_accuracy:.0f} %")
print(f"Deviner par les autres colonnes  : {100 * guess_accuracy:.0f} %")
# --8<-- [end:proxy]


# --8<-- [start:privacy]
known = table.dropna(subset=["age", "embarked"])
n_known = len(known)
for keys in (["sex", "pclass"], ["sex", "pclass", "age", "embarked"]):
    sizes = known.groupby(keys, observed=True)["age"].transform("size")
    n_alone = int((sizes == 1).sum())
    print(f"{', '.join(keys)} : {n_alone} personnes uniques sur {n_known}")
alone_share = n_alone / n_known
# --8<-- [end:privacy]


# --8<-- [start:check]
women_true = with_sex["femmes"]["vraie survie"]
men_true = with_sex["hommes"]["vraie survie"]
women_predicted = with_sex["femmes"]["survie prédite"]
men_predicted = with_sex["hommes"]["survie prédite"]
women_found = with_sex["femmes"]["survivants retrouvés"]
men_found = with_sex["hommes"]["survivants retrouvés"]
women_blind = without_sex["femmes"]["survie prédite"]
men_blind = without_sex["hommes"]["survie prédite"]
women_blind_accuracy = without_sex["femmes"]["exactitude"]
men_blind_accuracy = without_sex["hommes"]["exactitude"]
history_gap = women_true - men_true
model_gap = women_predicted - men_predicted
blind_gap = women_blind - men_blind

assert accuracy > 0.74, "le modèle apprend quelque chose"
assert model_gap > history_gap + 0.1, "il creuse l'écart des données"
assert women_found - men_found > 0.5, "il oublie des hommes survivants"
assert blind_accuracy < accuracy - 0.04, "aveugle, il perd en exactitude"
assert blind_gap > 0.02, "aveugle, il distingue encore les groupes"
assert guess_accuracy > always_man_accuracy, "le sexe se devine un peu"
assert alone_share > 0.1, "quatre colonnes suffisent souvent"
print("Tout est vrai.")
# --8<-- [end:check]
