# --8<-- [start:answer]
def call_with_retries(call, tries, first_wait, longest_wait, draw, sleep):
    """Appeler `call()` jusqu'à `tries` fois, tant qu'il échoue.

    Un échec passager lève `ConnectionError` ; le reste ne se reprend pas.
    Après l'échec n (0, 1, 2…), attendre `sleep(draw(0, plafond))` : le
    plafond vaut `first_wait * 2**n`, sans jamais dépasser `longest_wait`.
    Après le dernier échec, ne pas attendre : laisser passer l'erreur.
    """
    for attempt in range(tries):
        try:
            return call()
        except ConnectionError:
            if attempt == tries - 1:
                raise
            ceiling = min(longest_wait, first_wait * 2**attempt)
            sleep(draw(0, ceiling))


# --8<-- [end:answer]


# --8<-- [start:test]
import random


class UnstableServer:
    """Faux serveur : lève les erreurs prévues, puis répond."""

    def __init__(self, *failures):
        self.failures, self.calls = list(failures), 0

    def __call__(self):
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "sept"


def trial(server, tries, draw=max):
    """Réponse (ou nom de l'erreur) et attentes d'un client."""
    waits = []
    try:
        found = call_with_retries(server, tries, 0.1, 1.0, draw, waits.append)
    except Exception as error:
        found = type(error).__name__
    return found, waits


healthy = UnstableServer()
assert trial(healthy, 5) == ("sept", []), "pas de panne : pas d'attente"
assert healthy.calls == 1, "recommencer après un succès fait double travail"

shaky = UnstableServer(*[ConnectionError()] * 5)
found, waits = trial(shaky, 8)
assert found == "sept" and shaky.calls == 6, "cinq échecs, puis la réponse"
assert waits == [0.1, 0.2, 0.4, 0.8, 1.0], "doubler, puis plafonner"

dead = UnstableServer(*[ConnectionError()] * 9)
found, waits = trial(dead, 3)
assert found == "ConnectionError", "il faut finir par le dire"
assert dead.calls == 3 and len(waits) == 2, "rien n'attend après la fin"

refusing = UnstableServer(ValueError("image illisible"))
assert trial(refusing, 5) == ("ValueError", []), "insister ne sert à rien"
assert refusing.calls == 1, "cette erreur-là ne se reprend pas"

# La gigue : deux clients tombés ensemble ne reviennent pas ensemble.
first, second = (
    trial(UnstableServer(*[ConnectionError()] * 4), 8, draw.uniform)[1]
    for draw in (random.Random(1), random.Random(2))
)
assert all(a != b for a, b in zip(first, second)), "tirer chaque attente"
# --8<-- [end:test]
