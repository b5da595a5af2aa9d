# --8<-- [start:answer]
from dataclasses import dataclass

MAX_BYTES = 8 * 1024 * 1024
MAX_REQUESTS = 60  # par minute et par visiteur
TYPES = ("multipart/form-data", "application/json")
FORMATS = ("jpeg", "png", "webp")


@dataclass
class Request:
    """Ce que le serveur sait d'une requête, avant de décoder l'image."""

    path: str = "/predict"
    method: str = "POST"
    recent: int = 0  # requêtes de ce visiteur dans la minute écoulée
    n_bytes: int = 20_000
    content_type: str = "multipart/form-data"
    image: str | None = "png"  # son format, ou None si le champ manque


def choose_status(request):
    """Statut HTTP de la réponse, du contrôle le moins cher au plus cher.

    Dans l'ordre : adresse inconnue, méthode interdite, trop de requêtes,
    requête trop lourde, type de contenu inconnu, image absente, format
    d'image inconnu. Une requête qui passe tout reçoit 200.
    """
    if request.path != "/predict":
        return 404
    if request.method != "POST":
        return 405
    if request.recent >= MAX_REQUESTS:
        return 429
    if request.n_bytes > MAX_BYTES:
        return 413
    if request.content_type not in TYPES:
        return 415
    if request.image is None:
        return 400
    return 200 if request.image in FORMATS else 415


# --8<-- [end:answer]


# --8<-- [start:test]
assert choose_status(Request()) == 200, "une requête correcte"
assert choose_status(Request(content_type="application/json")) == 200, (
    "le JSON est accepté aussi"
)
assert choose_status(Request(path="/predit")) == 404, "adresse inconnue"
assert choose_status(Request(method="GET")) == 405, "la route existe pourtant"
assert choose_status(Request(recent=60)) == 429, "la soixante et unième"
assert choose_status(Request(recent=59)) == 200, "la soixantième"
assert choose_status(Request(n_bytes=MAX_BYTES)) == 200, "tout juste"
assert choose_status(Request(n_bytes=MAX_BYTES + 1)) == 413, "un octet de trop"
assert choose_status(Request(content_type="text/plain")) == 415, (
    "ce type n'est pas dans `TYPES`"
)
assert choose_status(Request(image=None)) == 400, "il manque un champ"
assert choose_status(Request(image="tiff")) == 415, (
    "ce format n'est pas dans `FORMATS`"
)
# Plusieurs fautes à la fois : la moins chère à constater répond.
assert choose_status(Request(recent=60, n_bytes=MAX_BYTES + 1)) == 429, (
    "compter les requêtes avant de peser celle-ci"
)
assert choose_status(Request(method="GET", image=None)) == 405, (
    "la méthode passe avant l'image"
)
assert choose_status(Request(n_bytes=MAX_BYTES + 1, image="tiff")) == 413, (
    "le poids passe avant le format"
)
# --8<-- [end:test]
