# --8<-- [start:answer]
def changed_settings(baseline, trial):
    """Noms triés des réglages ajoutés, retirés ou modifiés par un essai."""
    names = baseline.keys() | trial.keys()
    missing = object()
    return sorted(
        name
        for name in names
        if baseline.get(name, missing) != trial.get(name, missing)
    )


# --8<-- [end:answer]


# --8<-- [start:test]
baseline = {"learning_rate": 0.1, "batch_size": 32, "dropout": None}
faster = baseline | {"learning_rate": 0.3}
assert changed_settings(baseline, baseline) == [], "rien n'a changé"
assert changed_settings(baseline, faster) == ["learning_rate"], "le taux"
mixed = faster | {"width": 64}
assert changed_settings(baseline, mixed) == ["learning_rate", "width"], "deux"
fewer = {"learning_rate": 0.1, "batch_size": 32}
assert changed_settings(baseline, fewer) == ["dropout"], "un réglage retiré"
# --8<-- [end:test]
