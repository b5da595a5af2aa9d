# --8<-- [start:answer]
def smallest_group(rows):
    """Taille du plus petit groupe de lignes identiques (le « k »)."""
    counts = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    return min(counts.values())


def decade(age):
    """Remplace un âge par sa dizaine : 34 devient 30."""
    return age // 10 * 10


# --8<-- [end:answer]


# --8<-- [start:test]
people = [("F", 31), ("F", 34), ("F", 34), ("H", 47), ("H", 42)]
assert smallest_group(people) == 1, "la femme de 31 ans est seule"
assert smallest_group([("F",), ("F",), ("H",), ("H",)]) == 2, (
    "deux groupes de deux lignes"
)
assert [decade(age) for age in (7, 30, 39, 40)] == [0, 30, 30, 40], (
    "39 devient 30, 40 reste 40"
)
blurred = [(sex, decade(age)) for sex, age in people]
assert smallest_group(blurred) == 2, "plus personne n'est seul"
# --8<-- [end:test]
