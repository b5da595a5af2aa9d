# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

SURE = 0.8  # en dessous, la réponse est dite peu sûre
# --8<-- [end:imports]

# --8<-- [start:train]
images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8) / 16
x_train, x_rest, y_train, y_rest = train_test_split(
    images, labels, test_size=800, stratify=labels, random_state=0
)
x_val, x_test, y_val, y_test = train_test_split(
    x_rest, y_rest, test_size=400, stratify=y_rest, random_state=0
)
model = LogisticRegression(max_iter=1000)
model.fit(x_train.reshape(-1, 64), y_train)
# --8<-- [end:train]


# --8<-- [start:watch]
def chances(batch):
    return model.predict_proba(batch.reshape(-1, 64))


def unsure_share(batch):
    """Part de réponses peu sûres : aucune étiquette n'est nécessaire."""
    return float((chances(batch).max(axis=1) < SURE).mean())


def shape_gap(batch):
    """Écart entre l'image moyenne reçue et celle de l'entraînement."""
    return float(np.abs(batch.mean(axis=0) - x_train.mean(axis=0)).mean())


usual = unsure_share(x_val)
# Trois écarts-types d'une part mesurée sur autant d'images
limit = usual + 3 * np.sqrt(usual * (1 - usual) / len(x_test))
print(f"Part habituelle : {usual:.1%} · alerte au-delà de {limit:.1%}")
# --8<-- [end:watch]


# --8<-- [start:degrade]
def blurred(batch, width):
    return gaussian_filter(batch, (0, width, width))


def noisy(batch, spread):
    noise = np.random.default_rng(0).normal(0, spread, batch.shape)
    return np.clip(batch + noise, 0, 1)


streams = {
    "intactes": x_test,
    "floues": blurred(x_test, 0.7),
    "très floues": blurred(x_test, 1.2),
    "bruitées": noisy(x_test, 0.4),
    "pâles": x_test / 2,
    "couchées": np.rot90(x_test, axes=(1, 2)),
}
# --8<-- [end:degrade]

# --8<-- [start:table]
unsure, exact, gaps = {}, {}, {}
print("images         exactes   peu sûres   aspect   alerte")
for name, batch in streams.items():
    exact[name] = float((chances(batch).argmax(axis=1) == y_test).mean())
    unsure[name], gaps[name] = unsure_share(batch), shape_gap(batch)
    alert = "oui" if unsure[name] > limit else "non"
    print(
        f"{name:12} {exact[name]:9.1%} {unsure[name]:11.1%}"
        f" {gaps[name]:8.3f}   {alert}"
    )
# --8<-- [end:table]

# --8<-- [start:figure]
widths = np.linspace(0, 1.2, 13)
copies = [blurred(x_test, width) for width in widths]
rights = [(chances(batch).argmax(1) == y_test).mean() for batch in copies]

fig, ax = plt.subplots(figsize=(6, 3.5))
ax.plot(widths, rights, marker="o", label="exactitude (invisible)")
ax.plot(
    widths,
    [unsure_share(batch) for batch in copies],
    marker="s",
    label="peu sûres (visible)",
)
ax.axhline(limit, linestyle="--", label="seuil d'alerte")
ax.set(xlabel="force du flou", ylabel="part des images")
ax.legend()
plt.show()
# --8<-- [end:figure]

# --8<-- [start:check]
clean_accuracy, turned_accuracy = exact["intactes"], exact["couchées"]
clean_unsure, turned_unsure = unsure["intactes"], unsure["couchées"]
assert clean_unsure < limit, "pas de fausse alerte"
assert all(unsure[name] > limit for name in list(streams)[1:5])
assert turned_accuracy < 0.3 and turned_unsure < limit, "l'angle mort"
assert gaps["couchées"] > 4 * gaps["intactes"], "l'aspect le révèle"
print("Tout est vrai.")
# --8<-- [end:check]
