# --8<-- [start:answer]
def updated_note(note, reward, next_notes, done, rate=0.5, discount=0.9):
    """Nouvelle note d'une action, après un essai.

    `next_notes` : notes des actions possibles dans l'état d'arrivée.
    `done` : vrai si l'épisode vient de finir.
    """
    future = 0 if done else max(next_notes)
    target = reward + discount * future
    return note + rate * (target - note)


# --8<-- [end:answer]


# --8<-- [start:test]
# Arriver au but : +10, il n'y a plus d'avenir
assert updated_note(0, 10, [0, 0], True) == 5, "la moitié du chemin"
assert updated_note(5, 10, [0, 0], True) == 7.5, "encore la moitié"
# Un pas ordinaire, vers une case dont la meilleure note est 5
assert updated_note(0, -1, [2, 5], False) == 1.75, "-1 + 0,9 × 5"
# Ce qui suit la fin ne compte pas, même si une note y traîne
assert updated_note(0, -10, [99, 99], True) == -5, "piège : fini"
# --8<-- [end:test]
