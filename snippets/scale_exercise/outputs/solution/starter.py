import numpy as np


def ring_all_reduce(vectors):
    """Somme en anneau de n vecteurs, un par rang, de même taille.

    Chaque rang coupe son vecteur en n morceaux (`np.array_split`), et ne
    parle qu'à son voisin de droite. D'abord n - 1 tours où il lui envoie
    un morceau, que le voisin ajoute au sien ; puis n - 1 tours où il lui
    envoie un morceau terminé, que le voisin recopie.

    Rend la liste des vecteurs finaux, un par rang, et le nombre de
    valeurs que chaque rang a envoyées.
    """
    ...  # À vous de jouer




generator = np.random.default_rng(0)
for n in (2, 3, 4, 8):
    vectors = [generator.normal(size=24) for _ in range(n)]
    results, sent = ring_all_reduce(vectors) or ([], [])
    assert len(results) == n, "un vecteur par rang"
    for result in results:
        assert np.allclose(result, sum(vectors)), "chacun a toute la somme"
    assert sent == [2 * (n - 1) * 24 // n] * n, "2 (n - 1) / n du vecteur"
