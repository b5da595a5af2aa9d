def is_number(text):
    """Ce mot est-il un nombre fini, comme `97.1` ?"""
    ...  # À vous de jouer


def same_output(expected, found, tolerance):
    """Les deux sorties disent-elles la même chose ?

    Mot par mot : deux nombres peuvent différer de `tolerance` au plus ;
    tout autre mot doit être le même, lettre pour lettre.
    """
    ...  # À vous de jouer




assert is_number("-0.5") and not is_number("loss") and not is_number("nan"), (
    "des trois, seul `-0.5` est un nombre fini"
)
published = "loss 0.25 accuracy 0.96875"
here = "loss 0.26 accuracy 0.96875"
assert same_output(published, published, 0), "la même sortie"
assert same_output(published, here, 0.05), "un centième d'écart, cinq permis"
assert not same_output(published, here, 0.005), "hors tolérance"
assert not same_output(published, "loss 0.25", 1), "il manque un nombre"
assert not same_output("nan", "0.25", 1), "`nan` n'est proche de rien"
assert not same_output("accuracy 1", "error 1", 1), "un mot a changé"
