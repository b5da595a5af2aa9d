# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np

# --8<-- [end:imports]

# --8<-- [start:squared]
truth = np.array([150.0, 90.0, 200.0, 120.0])
predictions = np.array([140.0, 100.0, 200.0, 160.0])

errors = predictions - truth
squared_error = np.mean(errors**2)
absolute_error = np.mean(np.abs(errors))
print("Écarts                   :", errors)
print("Carrés                   :", errors**2)
print("Erreur quadratique       :", squared_error)
print("Erreur absolue           :", absolute_error)
# --8<-- [end:squared]

# --8<-- [start:cross_entropy]
# Trois scores bruts, un par classe ; la bonne réponse est la classe 0
logits = np.array([2.0, 1.0, -1.0])
exponentials = np.exp(logits - logits.max())
probabilities = exponentials / exponentials.sum()
cross_entropy = -np.log(probabilities[0])
print("Probabilités    :", probabilities.round(3))
print(f"Perte si classe 0 : {-np.log(probabilities[0]):.3f}")
print(f"Perte si classe 1 : {-np.log(probabilities[1]):.3f}")
print(f"Perte si classe 2 : {-np.log(probabilities[2]):.3f}")
# --8<-- [end:cross_entropy]

# --8<-- [start:curves]
gaps = np.linspace(-2, 2, 201)
chances = np.linspace(0.01, 1, 200)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.plot(gaps, gaps**2, label="carré")
left.plot(gaps, np.abs(gaps), linestyle="--", label="valeur absolue")
left.set(title="Régression", xlabel="écart", ylabel="perte")
left.legend()
right.plot(chances, -np.log(chances), label="entropie croisée")
right.plot(chances, (1 - chances) ** 2, linestyle="--", label="carré")
right.set(title="Classification", xlabel="probabilité de la bonne classe")
right.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:check]
assert np.isclose(squared_error, (100 + 100 + 0 + 1600) / 4)
assert np.isclose(probabilities.sum(), 1)
assert -np.log(0.01) > 4 > (1 - 0.01) ** 2, "l'aplomb coûte cher"
print("Tout est vrai.")
# --8<-- [end:check]
