# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits, load_sample_image
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

# --8<-- [end:imports]


# --8<-- [start:train]
x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    x / 16, y, test_size=0.3, random_state=0, stratify=y
)
network = MLPClassifier((32,), learning_rate_init=0.01, random_state=0)
network.fit(x_train, y_train)
test_accuracy = network.score(x_test, y_test)
print(f"Exactitude sur de vrais chiffres : {100 * test_accuracy:.1f} %")
# --8<-- [end:train]


# --8<-- [start:strangers]
letter = ["...##...", "..#..#..", "..#..#..", ".#....#."]
letter += [".######.", ".#....#.", "#......#", "#......#"]
letter_a = np.array([[c == "#" for c in row] for row in letter], float)

flower = load_sample_image("flower.jpg").mean(axis=2)[:400, 120:520]
photo = flower.reshape(8, 50, 8, 50).mean(axis=(1, 3)) / 255

rng = np.random.default_rng(0)
noise = rng.random((1000, 64))
strangers = {
    "un vrai chiffre": x_test[0].reshape(8, 8),
    "son négatif": 1 - x_test[0].reshape(8, 8),
    "la lettre A": letter_a,
    "une fleur": photo,
    "du bruit": noise[0].reshape(8, 8),
}
# --8<-- [end:strangers]


# --8<-- [start:answers]
fig, axes = plt.subplots(1, 5, figsize=(8, 2.2))
sureness = {}
for ax, (name, image) in zip(axes, strangers.items()):
    probabilities = network.predict_proba(image.reshape(1, 64))[0]
    sureness[name] = probabilities.max()
    answer = f"« {probabilities.argmax()} » à {100 * sureness[name]:.0f} %"
    print(f"{name:<16}: {answer}")
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    ax.set_title(f"{name}\n{answer}", fontsize=10)
    ax.axis("off")
plt.show()
# --8<-- [end:answers]


# --8<-- [start:noise]
noise_confidence = network.predict_proba(noise).max(axis=1)
digit_confidence = network.predict_proba(x_test).max(axis=1)
sure_on_noise = (noise_confidence > 0.9).mean()
sure_on_digits = (digit_confidence > 0.9).mean()
print(f"sûr à plus de 90 % sur les chiffres : {100 * sure_on_digits:.0f} %")
print(f"sûr à plus de 90 % sur du bruit     : {100 * sure_on_noise:.0f} %")
# --8<-- [end:noise]


# --8<-- [start:check]
assert test_accuracy > 0.94, "un bon modèle, sur son domaine"
assert sure_on_noise > 0.2, "souvent sûr de lui devant du bruit"
print("Tout est vrai.")
# --8<-- [end:check]
