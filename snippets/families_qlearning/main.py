# --8<-- [start:environment]
import matplotlib.pyplot as plt
import numpy as np

# S départ, G but, X piège, # mur
GRID = [".#..G", ".#.X.", ".#...", "S...#"]
ARROWS = "↑→↓←"
MOVES = [(-1, 0), (0, 1), (1, 0), (0, -1)]
START = (3, 0)


def step(state, action):
    """Réponse de l'environnement : nouvel état, récompense, fin."""
    row = state[0] + MOVES[action][0]
    column = state[1] + MOVES[action][1]
    inside = 0 <= row < len(GRID) and 0 <= column < len(GRID[0])
    if not inside or GRID[row][column] == "#":
        row, column = state  # on se cogne : rester sur place
    cell = GRID[row][column]
    reward = {"G": 10, "X": -10}.get(cell, -1)
    return (row, column), reward, cell in "GX"


for action, arrow in enumerate(ARROWS):
    print(f"Depuis {START}, {arrow} donne", step(START, action))
# --8<-- [end:environment]

# --8<-- [start:settings]
LEARNING_RATE = 0.5
DISCOUNT = 0.9
EXPLORATION = 0.2
EPISODES = 500

rng = np.random.default_rng(0)
# Une note par case et par action : tout reste à apprendre
q = np.zeros((4, 5, 4))
# --8<-- [end:settings]

# --8<-- [start:train]
gains = []
for _ in range(EPISODES):
    state, done, gain = START, False, 0
    while not done:
        # Explorer de temps en temps, sinon suivre la meilleure note
        if rng.random() < EXPLORATION:
            action = rng.integers(4)
        else:
            action = q[state].argmax()
        next_state, reward, done = step(state, action)
        # Ce que l'on vient d'apprendre sur cette action
        target = reward + (0 if done else DISCOUNT * q[next_state].max())
        q[state][action] += LEARNING_RATE * (target - q[state][action])
        state, gain = next_state, gain + reward
    gains.append(gain)

first_gain, last_gain = np.mean(gains[:20]), np.mean(gains[-100:])
print(f"Gain moyen, 20 premiers épisodes   : {first_gain:.1f}")
print(f"Gain moyen, 100 derniers épisodes  : {last_gain:.1f}")
# --8<-- [end:train]

# --8<-- [start:curve]
smooth = np.convolve(gains, np.ones(20) / 20, mode="valid")
figure, axes = plt.subplots(figsize=(7, 3))
axes.plot(range(20, EPISODES + 1), smooth)
axes.set(xlabel="épisode", ylabel="gain moyen sur 20 épisodes")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:policy]
ink = plt.rcParams["text.color"]
fills = {"#": "#7a8290", "G": "#2f9e6e", "X": "#d64f6f"}
figure, axes = plt.subplots(figsize=(6, 4.8))
for row, cells in enumerate(GRID):
    for column, cell in enumerate(cells):
        axes.add_patch(
            plt.Rectangle(
                (column, row),
                1,
                1,
                facecolor=fills.get(cell, "none"),
                edgecolor=ink,
                alpha=0.8,
            )
        )
        best = q[row, column].argmax()
        text = {"#": "", "G": "but", "X": "piège"}.get(cell, ARROWS[best])
        middle = column + 0.5
        size = 30 if text in ARROWS else 14
        axes.text(middle, row + 0.55, text, fontsize=size, ha="center")
        if cell in ".S":
            value = f"{q[row, column, best]:.1f}".replace(".", ",")
            axes.text(middle, row + 0.9, value, fontsize=12, ha="center")
axes.set(xlim=(0, 5), ylim=(4, 0), aspect="equal")
axes.axis("off")
plt.show()
# --8<-- [end:policy]

# --8<-- [start:walk]
# Suivre les flèches, sans plus rien essayer au hasard
state, done, path = START, False, ""
while not done:
    action = q[state].argmax()
    state, reward, done = step(state, action)
    path += ARROWS[action]
path_length = len(path)
print("Chemin appris :", path, "→", GRID[state[0]][state[1]])
# --8<-- [end:walk]

# --8<-- [start:bellman]
# Résoudre l'équation de Bellman en connaissant les règles du jeu
values = np.zeros((4, 5))
for _ in range(50):
    new_values = np.zeros((4, 5))
    for row, column in np.argwhere(
        np.isin([list(r) for r in GRID], [".", "S"])
    ):
        outcomes = [step((row, column), action) for action in range(4)]
        new_values[row, column] = max(
            reward + (0 if done else DISCOUNT * values[place])
            for place, reward, done in outcomes
        )
    values = new_values
start_value, learned_value = values[START], q[START].max()
print(f"Valeur du départ, calculée : {start_value:.3f}")
print(f"Valeur du départ, apprise  : {learned_value:.3f}")
# --8<-- [end:bellman]

# --8<-- [start:check]
assert GRID[state[0]][state[1]] == "G" and path_length == 7
assert abs(learned_value - start_value) < 0.01, "Bellman n'est pas vérifiée"
assert last_gain > first_gain, "l'agent n'a rien appris"
print("Tout est vrai.")
# --8<-- [end:check]
