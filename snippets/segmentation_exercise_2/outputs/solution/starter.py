import numpy as np



def enlarge(x):
    """Doubler hauteur et largeur : chaque pixel devient un carré de 4."""
    ...  # À vous de jouer


def join(deep, skipped):
    """Agrandir `deep`, puis lui ajouter les canaux mis de côté."""
    ...  # À vous de jouer




small = np.array([[1, 2], [3, 4]])[..., None]  # hauteur, largeur, canal
large = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]])
assert np.array_equal(enlarge(small), large[..., None]), "plus proche voisin"

deep, skipped = np.ones((12, 12, 64)), np.zeros((24, 24, 32))
joined = join(deep, skipped)
assert np.shape(joined) == (24, 24, 96), "64 + 32 canaux, 24 × 24"
assert joined[..., :64].all(), "d'abord ce qui vient du fond du U"
assert not joined[..., 64:].any(), "puis la connexion de saut"
print("Raccord juste.")
