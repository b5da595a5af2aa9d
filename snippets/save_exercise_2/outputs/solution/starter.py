import numpy as np


def center_of_mass(image):
    """Ligne et colonne moyennes de l'encre, chaque pixel pesant sa valeur."""
    ...  # À vous de jouer


def ink_is_light(image):
    """Vrai si le bord est plus sombre que 0,5, comme dans MNIST."""
    ...  # À vous de jouer




image = np.zeros((28, 28))
image[5, 20] = 1
found = center_of_mass(image)
assert found is not None, "la fonction doit rendre deux nombres"
assert np.allclose(found, (5, 20)), "un seul point"
image[7, 20] = 1
assert np.allclose(center_of_mass(image), (6, 20)), "à mi-chemin des deux"
image[7, 20] = 3
assert np.allclose(center_of_mass(image), (6.5, 20)), "le plus lourd attire"

assert ink_is_light(image), "fond noir, trait clair"
assert not ink_is_light(1 - image), "fond blanc, trait sombre"
bold = np.zeros((28, 28))
bold[4:24, 4:24] = 1
assert ink_is_light(bold), "c'est le bord qui décide, pas la moyenne"
