# --8<-- [start:imports]
"""Réglages de l'API : lus une fois dans l'environnement, vérifiés aussitôt."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from limits import parse_many

# --8<-- [end:imports]


# --8<-- [start:settings]
class SettingsError(Exception):
    """Un réglage ne convient pas : le message dit lequel, et quoi faire."""

    def __init__(self, name, value, problem):
        super().__init__(f"{name}={value} : {problem}")


@dataclass(frozen=True)
class Settings:
    """Tout ce qui change d'une machine à l'autre."""

    model: str = "chiffres"  # `MODELE`
    labels: str = ""  # `ETIQUETTES`
    pixels: tuple[float, float] = (0, 1)  # `PIXELS`
    engine: str = "onnxruntime"  # `MOTEUR`
    host: str = "127.0.0.1"  # `HOTE`
    port: int = 8000  # `PORT`
    workers: int = 2  # `OUVRIERS`
    threads: int = 4  # `FILS`
    server: str = "gunicorn"  # `SERVEUR`
    rate: str = "60/minute"  # `DEBIT`
    origins: tuple[str, ...] = ()  # `ORIGINES`
    proxies: int = 0  # `MANDATAIRES`


# Ce qui calcule un fichier `.onnx` ; `bf16` : décimales raccourcies
ENGINES = ["onnxruntime", "openvino", "openvino-bf16"]

# --8<-- [end:settings]


# --8<-- [start:parse]
def read_integer(name, text, low, high):
    if not re.fullmatch(r"\d{1,5}", text) or not low <= int(text) <= high:
        expected = f"un entier de {low} à {high} est attendu."
        raise SettingsError(name, text, expected)
    return int(text)


def read_rate(text):
    try:
        parse_many(text)
    except ValueError as error:
        example = "écrivez par exemple `60/minute` ou `5/second`."
        raise SettingsError("DEBIT", text, example) from error
    return text


def read_origins(text):
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?", origin):
            example = "écrivez `https://exemple.fr`, sans rien après."
            raise SettingsError("ORIGINES", text, example)
    return origins


def read_pixels(text):
    number = r"-?\d+(?:\.\d+)?"
    found = re.fullmatch(f"({number}),({number})", text)
    if not found:
        example = "écrivez le noir et le blanc, comme 0,1 ou -1,1."
        raise SettingsError("PIXELS", text, example)
    return float(found[1]), float(found[2])


# --8<-- [end:parse]


# --8<-- [start:choices]
def read_choice(name, text, choices):
    if text not in choices:
        raise SettingsError(name, text, f"choisissez {' ou '.join(choices)}.")
    return text


def read_file(name, text, suffixes):
    if Path(text).suffix not in suffixes:
        expected = f"un fichier {' ou '.join(suffixes)} est attendu."
        raise SettingsError(name, text, expected)
    if not Path(text).is_file():
        raise SettingsError(name, text, "ce fichier n'existe pas.")
    return text


# --8<-- [end:choices]


# --8<-- [start:read]
def read_settings(environ):
    """Réglages tirés de l'environnement ; lève `SettingsError`."""
    model = environ.get("MODELE", "chiffres")
    labels = environ.get("ETIQUETTES", "")
    if model not in ("chiffres", "mobilenet"):  # un modèle à soi
        model = read_file("MODELE", model, [".keras", ".onnx"])
        labels = read_file("ETIQUETTES", labels, [".txt", ".tsv"])
    # `gunicorn` n'existe pas sous Windows, `waitress` marche partout
    usual = "waitress" if sys.platform == "win32" else "gunicorn"
    server = environ.get("SERVEUR", usual)
    return Settings(
        model=model,
        labels=labels,
        pixels=read_pixels(environ.get("PIXELS", "0,1")),
        engine=read_choice(
            "MOTEUR", environ.get("MOTEUR", ENGINES[0]), ENGINES
        ),
        host=environ.get("HOTE", "127.0.0.1"),
        port=read_integer("PORT", environ.get("PORT", "8000"), 1, 65535),
        workers=read_integer("OUVRIERS", environ.get("OUVRIERS", "2"), 1, 64),
        threads=read_integer("FILS", environ.get("FILS", "4"), 1, 64),
        server=read_choice("SERVEUR", server, ["gunicorn", "waitress"]),
        rate=read_rate(environ.get("DEBIT", "60/minute")),
        origins=read_origins(environ.get("ORIGINES", "")),
        proxies=read_integer(
            "MANDATAIRES", environ.get("MANDATAIRES", "0"), 0, 9
        ),
    )


# --8<-- [end:read]
