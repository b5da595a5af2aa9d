# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

# --8<-- [end:imports]


# --8<-- [start:load]
x, y = load_digits(return_X_y=True)
x = x / 16
x_train, x_test, y_train, y_test = train_test_split(
    x, y, test_size=0.3, random_state=0, stratify=y
)
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:load]


# --8<-- [start:look]
fig, axes = plt.subplots(2, 6, figsize=(6.4, 2.4))
for row, digit in zip(axes, (3, 8)):
    for ax, image in zip(row, x_train[y_train == digit]):
        ax.imshow(image.reshape(8, 8), cmap="gray_r")
        ax.axis("off")
plt.show()
# --8<-- [end:look]


# --8<-- [start:rule]
def left_ink(images):
    """Encre moyenne du côté gauche : en haut, puis en bas."""
    squares = images.reshape(-1, 8, 8)
    top = squares[:, 2:4, 1:4].mean(axis=(1, 2))
    bottom = squares[:, 4:6, 1:4].mean(axis=(1, 2))
    return np.stack([top, bottom], axis=1)


def written_rule(images):
    """Règle écrite à la main : un 8 est fermé à gauche, un 3 est ouvert."""
    top, bottom = left_ink(images).T
    return np.where((top > 0.3) & (bottom > 0.3), 8, 3)


train_38, test_38 = np.isin(y_train, (3, 8)), np.isin(y_test, (3, 8))
truth = y_test[test_38]
rule_accuracy = (written_rule(x_test[test_38]) == truth).mean()
print(f"règle écrite   : {100 * rule_accuracy:.1f} %")
# --8<-- [end:rule]


# --8<-- [start:learned]
features_train = left_ink(x_train[train_38])
features_test = left_ink(x_test[test_38])
learned = LogisticRegression().fit(features_train, y_train[train_38])
learned_accuracy = learned.score(features_test, truth)
print(f"règle apprise  : {100 * learned_accuracy:.1f} %")
# --8<-- [end:learned]


# --8<-- [start:border]
fig, ax = plt.subplots(figsize=(6.4, 4))
for digit, mark in ((3, "o"), (8, "s")):
    top, bottom = features_train[y_train[train_38] == digit].T
    ax.scatter(top, bottom, s=16, marker=mark, label=f"vrais {digit}")
ax.plot([0.3, 0.3, 1], [1, 0.3, 0.3], "--", color="C2", label="règle écrite")
edge = np.array([0, 1])
w_top, w_bottom = learned.coef_[0]
line = -(learned.intercept_[0] + w_top * edge) / w_bottom
ax.plot(edge, line, color="C3", label="frontière apprise")
ax.set(xlabel="encre en haut à gauche", ylabel="encre en bas à gauche")
ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()
# --8<-- [end:border]


# --8<-- [start:network]
def fit_network(images, labels, seed=0):
    """Entraîne un petit réseau de neurones sur les pixels bruts."""
    network = MLPClassifier(
        hidden_layer_sizes=(32, 16),
        learning_rate_init=0.01,
        tol=1e-3,
        random_state=seed,
    )
    return network.fit(images, labels)


network = fit_network(x_train[train_38], y_train[train_38])
network_accuracy = network.score(x_test[test_38], truth)
print(f"réseau de neurones : {100 * network_accuracy:.1f} %")
# --8<-- [end:network]


# --8<-- [start:ten]
ten_accuracy = fit_network(x_train, y_train).score(x_test, y_test)
print(f"dix chiffres : {100 * ten_accuracy:.1f} %")
# --8<-- [end:ten]


# --8<-- [start:examples]
counts = (10, 20, 50, 100, 200, 500, 1000)
rng = np.random.default_rng(0)
means = []
for count in counts:
    scores = []
    for seed in range(5):
        chosen = rng.choice(len(x_train), count, replace=False)
        part = fit_network(x_train[chosen], y_train[chosen], seed)
        scores.append(part.score(x_test, y_test))
    means.append(np.mean(scores))
    print(f"{count:5} exemples : {100 * means[-1]:.0f} %")
few_accuracy, many_accuracy = means[0], means[-1]

fig, ax = plt.subplots(figsize=(6.4, 3))
ax.plot(counts, 100 * np.array(means), "o-")
ax.set_xscale("log")
ax.set_xticks(counts, counts)
ax.set(xlabel="exemples montrés", ylabel="exactitude (en %)", ylim=(0, 102))
plt.show()
# --8<-- [end:examples]


# --8<-- [start:check]
assert rule_accuracy > 0.8, "la règle écrite fait mieux que le hasard"
assert learned_accuracy >= rule_accuracy - 0.03, "apprendre ne nuit pas"
assert network_accuracy > 0.95, "le réseau trouve mieux que nos deux mesures"
assert ten_accuracy > 0.94, "le même programme apprend dix chiffres"
assert many_accuracy > few_accuracy + 0.2, "davantage d'exemples aident"
print("Tout est vrai.")
# --8<-- [end:check]
