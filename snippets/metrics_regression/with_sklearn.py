# --8<-- [start:imports]
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

x, y = load_diabetes(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
# --8<-- [end:imports]


# --8<-- [start:errors]
def measure(predictions):
    """MAE, RMSE et R² sur le jeu de test."""
    errors = predictions - y_test
    mae = np.mean(np.abs(errors))
    rmse = np.sqrt(np.mean(errors**2))
    r2 = 1 - np.sum(errors**2) / np.sum((y_test - y_test.mean()) ** 2)
    return mae, rmse, r2


model = LinearRegression().fit(x_train, y_train)
predictions = model.predict(x_test)
linear_mae, linear_rmse, linear_r2 = measure(predictions)
mean_mae, mean_rmse, mean_r2 = measure(np.full(len(y_test), y_train.mean()))
print("               MAE   RMSE     R²")
print(f"moyenne     {mean_mae:6.1f} {mean_rmse:6.1f} {mean_r2:6.2f}")
print(f"linéaire    {linear_mae:6.1f} {linear_rmse:6.1f} {linear_r2:6.2f}")
# --8<-- [end:errors]

# --8<-- [start:outlier]
# Une seule prédiction très fausse : laquelle des deux erreurs bondit ?
spoiled = predictions.copy()
spoiled[0] += 500
spoiled_mae, spoiled_rmse, spoiled_r2 = measure(spoiled)
mae_growth = spoiled_mae / linear_mae - 1
rmse_growth = spoiled_rmse / linear_rmse - 1
print(f"MAE  : {spoiled_mae:.1f} ({mae_growth:+.0%})")
print(f"RMSE : {spoiled_rmse:.1f} ({rmse_growth:+.0%})")
# --8<-- [end:outlier]

# --8<-- [start:check]
assert np.isclose(linear_r2, r2_score(y_test, predictions))
assert linear_rmse >= linear_mae, "la RMSE ne descend jamais sous la MAE"
assert mean_r2 <= 0 < linear_r2, "la moyenne ne doit rien expliquer"
assert rmse_growth > mae_growth, "la RMSE punit davantage l'erreur énorme"
print("Tout est vrai.")
# --8<-- [end:check]
