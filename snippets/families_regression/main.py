# --8<-- [start:data]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

# 442 patients : l'indice de masse corporelle, et un score un an plus tard
diabetes = load_diabetes(scaled=False)
x = diabetes.data[:, [diabetes.feature_names.index("bmi")]]
y = diabetes.target
x_train, x_test, y_train, y_test = train_test_split(
    x, y, test_size=0.25, random_state=0
)
print(f"Réponse : un nombre, entre {y.min():.0f} et {y.max():.0f}")
# --8<-- [end:data]

# --8<-- [start:regress]
model = LinearRegression()
model.fit(x_train, y_train)
slope = model.coef_[0]

model_error = np.abs(model.predict(x_test) - y_test).mean()
baseline_error = np.abs(y_train.mean() - y_test).mean()
print(f"Pente de la droite      : {slope:.1f} par unité d'indice")
print(f"Erreur, toujours la moyenne : {baseline_error:.1f}")
print(f"Erreur, droite apprise      : {model_error:.1f}")
# --8<-- [end:regress]

# --8<-- [start:line]
figure, axes = plt.subplots(figsize=(7, 3.8))
axes.scatter(x_test, y_test, s=18, label="patients de test")
ends = np.array([[x.min()], [x.max()]])
axes.plot(ends, model.predict(ends), color="#d9642a", label="droite apprise")
axes.set(xlabel="indice de masse corporelle", ylabel="score à un an")
axes.legend()
plt.show()
# --8<-- [end:line]

# --8<-- [start:check]
assert slope > 0, "la droite devrait monter"
assert model_error < baseline_error, "la moyenne fait mieux que la droite"
print("Tout est vrai.")
# --8<-- [end:check]
