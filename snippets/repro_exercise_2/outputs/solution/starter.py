def changed_settings(baseline, trial):
    """Noms triés des réglages ajoutés, retirés ou modifiés par un essai."""
    ...  # À vous de jouer




baseline = {"learning_rate": 0.1, "batch_size": 32, "dropout": None}
faster = baseline | {"learning_rate": 0.3}
assert changed_settings(baseline, baseline) == [], "rien n'a changé"
assert changed_settings(baseline, faster) == ["learning_rate"], "le taux"
mixed = faster | {"width": 64}
assert changed_settings(baseline, mixed) == ["learning_rate", "width"], "deux"
fewer = {"learning_rate": 0.1, "batch_size": 32}
assert changed_settings(baseline, fewer) == ["dropout"], "un réglage retiré"
