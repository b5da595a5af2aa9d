# --8<-- [start:answer]
import numpy as np


def split_for_rank(n_examples, world, rank, seed, epoch):
    """Indices des exemples que ce rang doit voir pendant cette époque.

    Tous les rangs tirent le même ordre, propre à l'époque :
    `np.random.default_rng((seed, epoch)).permutation(n_examples)`. S'il
    ne se partage pas en parts égales, cet ordre est complété par ses
    premiers indices. Le rang prend ensuite un indice sur `world`, en
    commençant par le sien.
    """
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(n_examples)
    missing = -n_examples % world
    order = np.concatenate([order, order[:missing]])
    return order[rank::world]


# --8<-- [end:answer]


# --8<-- [start:test]
def all_parts(n_examples, world, epoch):
    parts = [
        split_for_rank(n_examples, world, r, 42, epoch) for r in range(world)
    ]
    assert all(part is not None for part in parts), "rendre des indices"
    return parts


parts = all_parts(12, 3, epoch=0)
assert sorted(np.concatenate(parts)) == list(range(12)), "chacun une fois"
parts = all_parts(10, 4, epoch=0)
assert {len(part) for part in parts} == {3}, "des parts égales"
assert set(np.concatenate(parts)) == set(range(10)), "personne d'oublié"
before, after = all_parts(1000, 2, epoch=0), all_parts(1000, 2, epoch=1)
assert list(before[0]) != list(after[0]), "un autre ordre à chaque époque"
again = all_parts(1000, 2, epoch=0)
assert list(before[0]) == list(again[0]), "le même ordre si on recommence"
lots = np.concatenate([part[:64] for part in before])
alone = split_for_rank(1000, 1, 0, 42, epoch=0)[:128]
assert set(lots) == set(alone), "le lot global est celui d'un processus"
# --8<-- [end:test]
