# --8<-- [start:answer]
import base64
import re

LIMIT = 1_000  # lettres de base64 : 750 octets


def decode_image(text):
    """Rendre les octets d'une image écrite en base64, ou lever `ValueError`.

    Un préfixe `data:image/png;base64,` est permis, pour tout type
    d'image. Refuser : un autre préfixe, une lettre hors de l'alphabet,
    un texte vide, et plus de LIMIT lettres, sans les décoder.
    """
    prefix, comma, letters = text.rpartition(",")
    if comma and not re.fullmatch(r"data:image/[\w.+-]+;base64", prefix):
        raise ValueError("préfixe inattendu")
    if not letters:
        raise ValueError("image vide")
    if len(letters) > LIMIT:
        raise ValueError("image trop lourde")
    return base64.b64decode(letters, validate=True)


# --8<-- [end:answer]


# --8<-- [start:test]
def refused(text):
    """La fonction refuse-t-elle ce texte ?"""
    try:
        decode_image(text)
    except ValueError:
        return True
    return False


image = b"\x89PNG" + bytes(100)
letters = base64.b64encode(image).decode("ascii")
assert decode_image(letters) == image, "les lettres seules, sans préfixe"
assert decode_image("data:image/png;base64," + letters) == image, (
    "un préfixe est permis"
)
assert decode_image("data:image/svg+xml;base64," + letters) == image, (
    "tout type d'image est permis"
)
assert not refused(letters), "une image correcte"
assert refused(""), "un texte vide n'est pas une image"
assert refused("data:image/png;base64,"), "un préfixe, puis plus rien"
assert refused("data:text/html;base64," + letters), (
    "ce préfixe n'annonce pas une image"
)
assert refused("data:image/png," + letters), "sans le mot base64"
assert refused("*" + letters[1:]), "l'étoile n'est pas dans l'alphabet"
assert refused(letters[:-1]), "une lettre manque"
assert len(decode_image("AAAA" * 250)) == 750, (
    "mille lettres : juste la limite"
)
assert refused("AAAA" * 251), "mille quatre lettres : trop lourde"
# --8<-- [end:test]
