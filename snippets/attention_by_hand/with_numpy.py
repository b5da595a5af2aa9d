# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

# --8<-- [end:imports]

# --8<-- [start:tiles]
image = load_digits().images[0] / 16  # un « 0 » de 8 × 8 pixels
# Quatre tuiles de 4 × 4 pixels, chacune mise à plat
tiles = image.reshape(2, 4, 2, 4).swapaxes(1, 2).reshape(4, 16)
print("Image  :", image.shape)
print("Tuiles :", tiles.shape)
# --8<-- [end:tiles]

# --8<-- [start:project]
DIM = 3  # longueur des questions, des clés et des valeurs
generator = np.random.default_rng(0)
# Trois tables de poids : tirées au sort ici, apprises dans un vrai réseau
w_query, w_key, w_value = generator.normal(0, 0.5, (3, 16, DIM))

queries, keys, values = tiles @ w_query, tiles @ w_key, tiles @ w_value
print("Questions, clés, valeurs :", queries.shape, keys.shape, values.shape)
# --8<-- [end:project]


# --8<-- [start:attend]
def attend(queries, keys, values):
    # Une ligne par tuile qui questionne, une colonne par tuile qui répond
    scores = queries @ keys.T / np.sqrt(queries.shape[1])
    scores -= scores.max(axis=1, keepdims=True)  # contre les débordements
    weights = np.exp(scores)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, weights @ values


weights, outputs = attend(queries, keys, values)
print("Poids d'attention :")
for line in weights:
    print("  ", " ".join(f"{weight:.3f}" for weight in line))
print("Somme de chaque ligne :", weights.sum(axis=1).round(6).tolist())
# --8<-- [end:attend]

# --8<-- [start:draw]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
left.imshow(image, cmap="gray")
left.axhline(3.5, color="C1")
left.axvline(3.5, color="C1")
for rank in range(4):
    spot = (4 * (rank % 2) + 1.5, 4 * (rank // 2) + 1.7)
    left.annotate(f"{rank}", spot, color="C1", fontsize=14)
left.axis("off")
left.set_title("Quatre tuiles")
right.imshow(weights, cmap="Blues", vmin=0, vmax=1)
for row, column in np.ndindex(4, 4):
    spot = (column, row)
    dark = weights[row, column] > 0.5
    text = f"{weights[row, column]:.2f}"
    shade = "white" if dark else "black"
    right.annotate(text, spot, color=shade, ha="center", va="center")
right.set(xlabel="tuile qui répond", ylabel="tuile qui questionne")
right.set_xticks(range(4))
right.set_yticks(range(4))
right.set_title("Poids d'attention")
plt.show()
# --8<-- [end:draw]

# --8<-- [start:by_hand]
# La tuile 0, calculée nombre par nombre
similar = [
    sum(queries[0, k] * keys[tile, k] for k in range(DIM)) / DIM**0.5
    for tile in range(4)
]
powers = [np.exp(score) for score in similar]
shares = [power / sum(powers) for power in powers]
answer = [
    sum(shares[tile] * values[tile, k] for tile in range(4))
    for k in range(DIM)
]
print("À la main :", [round(float(number), 4) for number in answer])
print("attend    :", outputs[0].round(4).tolist())
# --8<-- [end:by_hand]


# --8<-- [start:order]
def self_attention(tiles):
    return attend(tiles @ w_query, tiles @ w_key, tiles @ w_value)[1]


order = [2, 0, 3, 1]  # battre les tuiles comme des cartes
shuffled = self_attention(tiles[order])
same = np.allclose(shuffled, self_attention(tiles)[order])
print("Battre l'entrée ne fait que battre la sortie :", same)

# Un encodage de position : un motif propre à chaque place, ajouté à sa tuile
positions = generator.normal(0, 0.5, tiles.shape)
placed = self_attention(tiles + positions)
shuffled_placed = self_attention(tiles[order] + positions)
still_same = np.allclose(shuffled_placed, placed[order])
print("Avec un encodage de position :", still_same)
# --8<-- [end:order]

# --8<-- [start:check]
assert (weights > 0).all(), "des poids positifs"
assert np.allclose(weights.sum(axis=1), 1), "chaque ligne somme à 1"
assert np.allclose(answer, outputs[0]), "le calcul à la main est le même"
assert same, "sans position, l'ordre des tuiles ne compte pas"
assert not still_same, "avec position, l'ordre compte"
print("Tout est vrai.")
# --8<-- [end:check]
