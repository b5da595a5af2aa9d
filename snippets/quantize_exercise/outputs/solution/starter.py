def quantize(weights, bits):
    """Entiers et pas d'une liste de poids, sur `bits` bits.

    Les entiers vont de -m à m, avec `m = 2 ** (bits - 1) - 1`. Le pas est le
    plus grand poids, en valeur absolue, divisé par m ; il vaut 1 si tous les
    poids sont nuls. Chaque poids vaut à peu près `entier * pas`.
    """
    ...  # À vous de jouer




assert quantize([0.0, 0.0], bits=8) == ([0, 0], 1.0), "pas de division par 0"
integers, step = quantize([1.27, -0.5, 0.004], bits=8)
assert integers == [127, -50, 0], "127 pas de 0,01"
assert abs(step - 0.01) < 1e-12, "1,27 / 127"
assert quantize([-3.0, 1.0], bits=3)[0] == [-3, 1], "de -3 à 3"
weights = [((7 * i) % 19 - 9) / 10 for i in range(19)]
for bits in (4, 8):
    integers, step = quantize(weights, bits)
    gaps = [abs(n * step - w) for n, w in zip(integers, weights)]
    assert max(gaps) <= step / 2 + 1e-12, "jamais plus d'un demi-pas"
