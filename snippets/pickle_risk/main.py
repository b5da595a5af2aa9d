# --8<-- [start:imports]
import pickle
from pathlib import Path

import torch

# --8<-- [end:imports]


# --8<-- [start:trap]
class FakeWeights:
    """Un objet piégé : pickle appellera ce que rend `__reduce__`."""

    def __reduce__(self):
        # Inoffensif ici. Un attaquant mettrait la commande de son choix
        return print, ("!!! code exécuté pendant la lecture du fichier",)


torch.save({"weight": torch.zeros(2), "extra": FakeWeights()}, "gift.pt")
print("gift.pt :", Path("gift.pt").stat().st_size > 0)
# --8<-- [end:trap]

# --8<-- [start:unsafe]
# À ne faire que sur un fichier que vous avez écrit vous-même
torch.load("gift.pt", weights_only=False)
# --8<-- [end:unsafe]

# --8<-- [start:safe]
try:
    torch.load("gift.pt", weights_only=True)
except pickle.UnpicklingError as error:
    refused = True
    print(f"{type(error).__name__} : fichier refusé, rien n'est exécuté")
# --8<-- [end:safe]

# --8<-- [start:check]
assert refused, "le fichier piégé a été accepté"
torch.save({"weight": torch.zeros(2)}, "weights.pt")
state = torch.load("weights.pt", weights_only=True)
assert list(state) == ["weight"], "un fichier sain doit se lire"
print("Tout est vrai.")
# --8<-- [end:check]
