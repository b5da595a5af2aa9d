# --8<-- [start:imports]
"""L'application : recevoir une image, répondre en JSON, jamais une trace."""

import base64
import logging
import mimetypes
import re
import time
from contextlib import suppress
from math import ceil
from uuid import uuid4

from flask import Flask, g, json, request, send_from_directory
from flask_cors import CORS
from images import Refusal, open_image
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from models import HERE, load_model
from werkzeug.exceptions import BadRequest, HTTPException, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

MAX_BYTES = 8 * 1024 * 1024
# Le registre de Windows donne parfois un autre type à ces fichiers
mimetypes.add_type("text/javascript", ".js")
# --8<-- [end:imports]


# --8<-- [start:create]
def create_app(settings):
    """L'application, son modèle déjà chargé et chauffé."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BYTES
    app.json.ensure_ascii = app.json.sort_keys = False
    model = load_model(settings)
    keep_journal(app)
    protect(app, settings)
    limit_rate(app, settings.rate)
    explain_errors(app)
    add_routes(app, model)
    return app


# --8<-- [end:create]


# --8<-- [start:routes]
def add_routes(app, model):
    """Les quatre adresses de l'API."""

    @app.post("/predict")
    def predict():
        image = open_image(received_bytes())
        return {
            "modele": model.identity,
            "predictions": model.predict(image),
        }

    @app.get("/sante")
    def health():
        return {"etat": "prêt", "modele": model.identity}

    @app.get("/")
    def page():
        return app.send_static_file("index.html")

    @app.get("/openapi.json")
    def description():
        return send_from_directory(HERE, "openapi.json")


# --8<-- [end:routes]


# --8<-- [start:receive]
def received_bytes():
    """Octets de l'image ; le nom du fichier, lui, n'est jamais lu."""
    if request.mimetype == "multipart/form-data":
        if "image" in request.files:
            return request.files["image"].read()
    elif request.is_json:
        return bytes_of_json()
    else:
        raise Refusal(
            415,
            "contenu_inconnu",
            f"Type de contenu inconnu : {request.mimetype or 'aucun'}.",
            "Envoyez `multipart/form-data` ou `application/json`.",
        )
    raise Refusal(
        400,
        "image_absente",
        "La requête ne contient pas d'image.",
        "Joignez le fichier dans le champ « image ».",
    )


# --8<-- [end:receive]

# --8<-- [start:base64]
PREFIX = re.compile(r"data:image/[\w.+-]+;base64,")


def bytes_of_json():
    """Octets de l'image d'un corps {"image": "…base64…"}."""
    try:
        body = request.get_json()
    except (BadRequest, RecursionError) as error:
        raise Refusal(
            400, "json_illisible", "Le corps n'est pas du JSON valide."
        ) from error
    text = body.get("image") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise Refusal(
            400,
            "image_absente",
            "Le JSON n'a pas de champ « image » qui soit un texte.",
            'Envoyez {"image": "…"}, l\'image codée en base64.',
        )
    prefix = PREFIX.match(text)
    text = text[prefix.end() :] if prefix else text
    try:  # des retours à la ligne sont permis, rien d'autre
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Refusal(
            400, "base64_invalide", "L'image n'est pas du base64 valide."
        ) from error


# --8<-- [end:base64]

# --8<-- [start:errors]
EXPLAINED = {
    404: ("route_inconnue", "Cette adresse n'existe pas."),
    405: ("methode_interdite", "Cette adresse n'accepte pas cette méthode."),
    413: (
        "requete_trop_lourde",
        "La requête est trop grosse : 8 Mo et mille champs au plus.",
    ),
    429: ("trop_de_requetes", "Trop de requêtes en peu de temps."),
    500: ("erreur_interne", "Le serveur a rencontré une erreur."),
}


def failure(code, message, help=None):
    """Corps JSON d'une erreur, le même partout."""
    error = {"code": code, "message": message}
    return {"erreur": error | ({"aide": help} if help else {})}


def explain_errors(app):
    """Toute erreur devient du JSON en français, au bon statut."""

    @app.errorhandler(Refusal)
    def refused(error):
        return failure(error.code, error.message, error.help), error.status

    @app.errorhandler(HTTPException)
    def standard(error):
        response = error.get_response()  # garde `Allow`, pour un 405
        usual = ("requete_invalide", "La requête est invalide.")
        code, message = EXPLAINED.get(response.status_code, usual)
        wait = response.headers.get("Retry-After")
        help = f"Réessayez dans {wait} s." if wait else None
        response.data = json.dumps(failure(code, message, help))
        response.content_type = "application/json"
        return response

    @app.errorhandler(Exception)
    def unexpected(error):
        journal.exception("imprévu", extra={"details": {"requete": g.id}})
        return failure(*EXPLAINED[500]), 500

    @app.after_request
    def read_the_rest(response):
        """Un envoi coupé net ferait perdre la réponse à son auteur."""
        body, left = request.environ["wsgi.input"], 4 * MAX_BYTES
        with suppress(Exception):  # le client est parti
            while left > 0 and (part := body.read(65536)):
                left -= len(part)
        return response


# --8<-- [end:errors]

# --8<-- [start:journal]
journal = logging.getLogger("api")
REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


def keep_journal(app):
    """Une ligne par requête : jamais l'image, ni son nom, ni l'adresse."""

    @app.before_request
    def begin():
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.id = given if REQUEST_ID.fullmatch(given) else uuid4().hex

    @app.after_request
    def end(response):
        response.headers["X-Request-ID"] = g.id
        duration = 1000 * (time.perf_counter() - g.began)
        details = {
            "methode": request.method,
            "chemin": request.path,
            "statut": response.status_code,
            "duree_ms": round(duration, 1),
            "requete": g.id,
        }
        journal.info("requête", extra={"details": details})
        return response


# --8<-- [end:journal]

# --8<-- [start:protect]
POLICY = [
    ("default-src", "'self'"),
    ("img-src", "'self'", "blob:", "data:"),
    ("base-uri", "'none'"),
    ("frame-ancestors", "'none'"),
]
HEADERS = {
    "Content-Security-Policy": "; ".join(map(" ".join, POLICY)),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def protect(app, settings):
    """En-têtes de sécurité, origines admises, mandataires crus."""

    @app.after_request
    def add_headers(response):
        response.headers.update(HEADERS)
        return response

    if settings.origins:  # aucune par défaut
        CORS(
            app,
            origins=list(settings.origins),
            methods=["GET", "POST"],
            allow_headers=["Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After"],
            max_age=600,  # le navigateur ne redemande pas avant dix minutes
            always_send=False,
        )
    # Derrière un mandataire, l'adresse du visiteur est dans un en-tête
    if n := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)


# --8<-- [end:protect]

# --8<-- [start:rate]
# La surveillance passe toujours, comme les fichiers de la page
UNCOUNTED = {None, "static", "health"}


def limit_rate(app, rate):
    """Tant de requêtes par adresse et par route ; 429 au-delà."""
    limits = parse_many(rate)
    window = FixedWindowRateLimiter(MemoryStorage())  # un par processus

    @app.before_request
    def count():
        # Une question préalable de CORS n'est pas une demande
        if request.method == "OPTIONS" or request.endpoint in UNCOUNTED:
            return
        who = request.endpoint, request.remote_addr
        for limit in limits:
            if not window.hit(limit, *who):
                reset = window.get_window_stats(limit, *who).reset_time
                wait = max(1, ceil(reset - time.time()))
                raise TooManyRequests(retry_after=wait)


# --8<-- [end:rate]
