# --8<-- [start:imports]
import inspect
import subprocess
import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# --8<-- [end:imports]

# --8<-- [start:data]
images, digits = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    (images / 16).astype("float32"), digits, test_size=500, random_state=0
)

# Les mêmes poids de départ dans les trois scripts
rng = np.random.default_rng(0)
w1, b1 = rng.normal(0, 0.2, (64, 32)), np.zeros(32)
w2, b2 = rng.normal(0, 0.2, (32, 10)), np.zeros(10)
print(len(x_train), "images pour apprendre,", len(x_test), "pour juger")
# --8<-- [end:data]


# --8<-- [start:define]
def forward(x):
    hidden = np.maximum(0, x @ w1 + b1)
    logits = hidden @ w2 + b2
    # Retirer le plus grand score évite les débordements
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return hidden, exponentials / exponentials.sum(axis=1, keepdims=True)


def backward(x, y):
    hidden, probabilities = forward(x)
    d_logits = probabilities.copy()
    d_logits[np.arange(len(y)), y] -= 1
    d_logits /= len(y)
    d_hidden = (d_logits @ w2.T) * (hidden > 0)
    d_w1, d_b1 = x.T @ d_hidden, d_hidden.sum(axis=0)
    d_w2, d_b2 = hidden.T @ d_logits, d_logits.sum(axis=0)
    return d_w1, d_b1, d_w2, d_b2


def train(steps, rate):
    for _ in range(steps):
        gradients = backward(x_train, y_train)
        for weight, gradient in zip((w1, b1, w2, b2), gradients):
            weight -= rate * gradient


def evaluate(x, y):
    probabilities = forward(x)[1]
    loss = -np.log(probabilities[np.arange(len(y)), y]).mean()
    return loss, (probabilities.argmax(axis=1) == y).mean()


# --8<-- [end:define]

# --8<-- [start:train]
train(steps=100, rate=0.5)
test_loss, test_accuracy = evaluate(x_test, y_test)
print(f"Perte sur le test      : {test_loss:.3f}")
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:train]


# --8<-- [start:change]
# La demande : une couche cachée de plus, et Adam à la place du pas fixe
v1, c1 = rng.normal(0, 0.2, (64, 32)), np.zeros(32)
v2, c2 = rng.normal(0, 0.2, (32, 32)), np.zeros(32)
v3, c3 = rng.normal(0, 0.2, (32, 10)), np.zeros(10)


def forward_deep(x):
    first = np.maximum(0, x @ v1 + c1)
    second = np.maximum(0, first @ v2 + c2)
    logits = second @ v3 + c3
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return first, second, exponentials / exponentials.sum(1, keepdims=True)


def backward_deep(x, y):
    first, second, probabilities = forward_deep(x)
    d_logits = probabilities.copy()
    d_logits[np.arange(len(y)), y] -= 1
    d_logits /= len(y)
    d_second = (d_logits @ v3.T) * (second > 0)
    d_first = (d_second @ v2.T) * (first > 0)
    d_v1, d_c1 = x.T @ d_first, d_first.sum(axis=0)
    d_v2, d_c2 = first.T @ d_second, d_second.sum(axis=0)
    d_v3, d_c3 = second.T @ d_logits, d_logits.sum(axis=0)
    return d_v1, d_c1, d_v2, d_c2, d_v3, d_c3


def train_deep(steps, rate):
    weights = (v1, c1, v2, c2, v3, c3)
    means = [np.zeros_like(weight) for weight in weights]
    squares = [np.zeros_like(weight) for weight in weights]
    for step in range(1, steps + 1):
        gradients = backward_deep(x_train, y_train)
        for w, g, m, s in zip(weights, gradients, means, squares):
            m += 0.1 * (g - m)
            s += 0.001 * (g**2 - s)
            corrected = m / (1 - 0.9**step)
            w -= rate * corrected / (np.sqrt(s / (1 - 0.999**step)) + 1e-7)


train_deep(steps=60, rate=0.01)
deep_accuracy = (forward_deep(x_test)[2].argmax(axis=1) == y_test).mean()
print(f"Exactitude sur le test : {deep_accuracy:.1%}")
# --8<-- [end:change]


# --8<-- [start:lines]
def count_lines(*functions):
    # Les lignes de code : ni les vides, ni les commentaires
    text = "".join(inspect.getsource(function) for function in functions)
    lines = [line.strip() for line in text.splitlines()]
    return sum(bool(line) and line[0] != "#" for line in lines)


n_lines = count_lines(forward, backward, train, evaluate)
n_more_lines = count_lines(forward_deep, backward_deep, train_deep)
print(n_lines, "lignes pour le premier réseau")
print(n_more_lines, "lignes récrites pour le second")
# --8<-- [end:lines]

# --8<-- [start:deploy]
np.savez("digits.npz", w1=w1, b1=b1, w2=w2, b2=b2)
np.savez("question.npz", x=x_test, answers=forward(x_test)[1].argmax(axis=1))

# Le fichier ne contient que des nombres : récrire le calcul à côté
PROGRAM = r"""
import numpy as np

net, data = np.load("digits.npz"), np.load("question.npz")
hidden = np.maximum(0, data["x"] @ net["w1"] + net["b1"])
answers = (hidden @ net["w2"] + net["b2"]).argmax(axis=1)
print("Réponses identiques :", (answers == data["answers"]).sum())
"""
command = [sys.executable, "-c", PROGRAM]
done = subprocess.run(command, capture_output=True, text=True, check=True)
print(done.stdout.strip())
# --8<-- [end:deploy]

# --8<-- [start:check]
# La perte que trouvent aussi les deux autres scripts
assert np.isclose(test_loss, 0.196, atol=0.002)
assert test_accuracy > 0.9 and deep_accuracy > 0.9, "trop peu d'exactitude"
assert "identiques : 500" in done.stdout, "l'autre processus répond autrement"
print("Tout est vrai.")
# --8<-- [end:check]
