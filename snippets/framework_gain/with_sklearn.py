# --8<-- [start:data]
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

images, digits = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    (images / 16).astype("float32"), digits, test_size=500, random_state=0
)
# --8<-- [end:data]

# --8<-- [start:fit]
classifier = LogisticRegression(max_iter=1000).fit(x_train, y_train)
test_accuracy = classifier.score(x_test, y_test)
print(f"Exactitude sur le test : {test_accuracy:.1%}")
# --8<-- [end:fit]

# --8<-- [start:check]
assert test_accuracy > 0.9, "la référence devrait déjà être bonne"
print("Tout est vrai.")
# --8<-- [end:check]
