# --8<-- [start:answer]
def count_sessions(durations, session=90):
    """Nombre de séances pour suivre les leçons, dans l'ordre, sans en couper.

    `durations` donne la durée de chaque leçon, en minutes ; aucune ne dépasse
    `session`. Une leçon qui ne tient plus dans la séance ouvre la suivante.
    """
    n_sessions, left = 0, 0
    for duration in durations:
        if duration > left:
            n_sessions, left = n_sessions + 1, session
        left -= duration
    return n_sessions


# --8<-- [end:answer]


# --8<-- [start:test]
assert count_sessions([90]) == 1, "une leçon d'une séance"
assert count_sessions([30, 60]) == 1, "deux leçons qui tiennent ensemble"
assert count_sessions([60, 60]) == 2, "la seconde ne tient plus : elle attend"
assert count_sessions([30, 90, 30]) == 3, "l'ordre des leçons est gardé"
assert count_sessions([30, 30, 30], session=30) == 3, (
    "séances d'une demi-heure"
)
assert count_sessions([]) == 0, "rien à suivre"
# --8<-- [end:test]
