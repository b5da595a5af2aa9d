# --8<-- [start:answer]
def make_limiter(rate, capacity, clock):
    """Rend `allow(client)` : vrai si ce client a un jeton, qu'il perd alors.

    Chaque client a son seau, plein au départ : `capacity` jetons. Le seau
    regagne `rate` jetons par seconde, sans jamais déborder. `clock()` rend
    l'heure en secondes.
    """
    buckets = {}

    def allow(client):
        now = clock()
        tokens, last = buckets.get(client, (capacity, now))
        tokens = min(capacity, tokens + rate * (now - last))
        allowed = tokens >= 1
        buckets[client] = (tokens - 1 if allowed else tokens), now
        return allowed

    return allow


# --8<-- [end:answer]

# --8<-- [start:test]
hour = [0.0]  # une horloge que le test avance à la main
allow = make_limiter(rate=0.5, capacity=3, clock=lambda: hour[0])
assert callable(allow), "make_limiter doit rendre une fonction"

assert [allow("a") for _ in range(4)] == [True, True, True, False], "rafale"
assert allow("b"), "un client n'épuise pas le seau d'un autre"

hour[0] = 1.0
assert not allow("a"), "un demi-jeton ne suffit pas"
hour[0] = 2.0
assert allow("a"), "le refus ne fait pas perdre le demi-jeton gagné"
assert not allow("a"), "il n'y en avait qu'un"

hour[0] = 1000.0
assert [allow("a") for _ in range(4)] == [True, True, True, False], "débordé"
# --8<-- [end:test]
