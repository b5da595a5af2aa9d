# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

# --8<-- [end:imports]

# --8<-- [start:train]
digits = load_digits()
x_train, x_val, y_train, y_val = train_test_split(
    digits.images,
    digits.target,
    test_size=0.25,
    stratify=digits.target,
    random_state=42,
)
model = KNeighborsClassifier().fit(x_train.reshape(-1, 64), y_train)
val_accuracy = model.score(x_val.reshape(-1, 64), y_val)
print(f"Exactitude de validation : {val_accuracy:.1%}")
# --8<-- [end:train]

# --8<-- [start:turn]
sixes = x_val[y_val == 6]
turned = np.rot90(sixes, k=2, axes=(1, 2))  # un demi-tour
answers = model.predict(turned.reshape(-1, 64))
read_as_nine = (answers == 9).mean()
read_as_six = (answers == 6).mean()
print(f"« 6 » retournés lus « 9 » : {read_as_nine:.1%}")
print(f"« 6 » retournés lus « 6 » : {read_as_six:.1%}")

figure, grid = plt.subplots(2, 6, figsize=(9, 3.4))
for column in range(6):
    for row, images in enumerate((sixes, turned)):
        grid[row, column].imshow(images[column], cmap="gray")
        grid[row, column].axis("off")
    grid[0, column].set_title("étiquette 6")
    grid[1, column].set_title(f"lu {answers[column]}")
plt.show()
# --8<-- [end:turn]

# --8<-- [start:check]
assert val_accuracy > 0.95, "le modèle doit savoir lire"
assert read_as_nine > 0.5, "un 6 retourné ressemble à un 9"
assert read_as_six < 0.2, "le demi-tour change la réponse"
print("Tout est vrai.")
# --8<-- [end:check]
