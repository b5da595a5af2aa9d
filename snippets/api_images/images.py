# --8<-- [start:imports]
"""Lire une image venue de n'importe où, et la préparer pour un modèle."""

import io
from concurrent.futures import ThreadPoolExecutor
from math import isqrt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageOps, UnidentifiedImageError

# --8<-- [end:imports]

# --8<-- [start:limits]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 25_000_000  # une photo de téléphone en compte 12 millions
MIN_SIDE = 8  # en dessous, il n'y a rien à reconnaître
ENOUGH = 512  # pixels de côté : plus que n'en lit le plus grand modèle servi
SMALL = 1_000_000  # pixels : une image si petite se décode sans attendre
DECODER = ThreadPoolExecutor(1)  # un seul fil pour les autres : une à la fois

# Au double de ce nombre, Pillow refuse lui-même, avant tout décodage
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class Refusal(Exception):
    """Une requête refusée : statut HTTP, code stable, message en français."""

    def __init__(self, status, code, message, help=None):
        super().__init__(message)
        self.status, self.code = status, code
        self.message, self.help = message, help


# --8<-- [end:limits]


# --8<-- [start:open]
def open_image(data):
    """Image RVB, redressée, sur fond blanc ; lève `Refusal` si c'est exclu."""
    if not data:
        raise Refusal(400, "image_vide", "Le fichier reçu est vide.")
    try:
        # Seul l'en-tête est lu ici : la taille avant les pixels
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        check_size(*image.size)
        if image.width * image.height <= SMALL:
            return decode(image)
        return DECODER.submit(decode, image).result()
    except Refusal:
        raise
    except Image.DecompressionBombError as error:
        raise too_large() from error
    except UnidentifiedImageError as error:
        raise Refusal(
            415,
            "format_inconnu",
            "Ce fichier n'est pas une image que nous savons lire.",
            f"Formats admis : {', '.join(FORMATS)}.",
        ) from error
    except Exception as error:  # un décodeur peut échouer de mille façons
        raise Refusal(
            400,
            "image_illisible",
            "L'image est abîmée ou incomplète.",
            "Ouvrez-la dans un logiciel d'images et enregistrez-la à nouveau.",
        ) from error


def decode(image):
    """Les pixels, à peine plus nombreux que n'en lit un modèle."""
    # Un grand JPEG se décode directement en plus petit, sans descendre
    # sous ce côté ; les autres formats n'en tiennent pas compte
    image.draft(None, (ENOUGH, ENOUGH))
    ImageOps.exif_transpose(image, in_place=True)
    return shorten(flatten(image))


# --8<-- [end:open]


# --8<-- [start:size]
def too_large():
    return Refusal(
        413,
        "image_trop_grande",
        f"L'image dépasse {MAX_PIXELS // 1_000_000} millions de pixels.",
        "Réduisez-la avant de l'envoyer.",
    )


def check_size(width, height):
    """Refuse les images démesurées ou minuscules."""
    if width * height > MAX_PIXELS:
        raise too_large()
    if min(width, height) < MIN_SIDE:
        raise Refusal(
            422,
            "image_trop_petite",
            f"L'image mesure {width} × {height} pixels ;"
            f" chaque côté doit en avoir au moins {MIN_SIDE}.",
        )


# --8<-- [end:size]


# --8<-- [start:flatten]
def flatten(image):
    """Trois octets par pixel, quel que soit le codage d'origine."""
    if image.mode.startswith("I"):  # 16 bits par pixel : en garder 8
        deep = np.asarray(image) // 257
        image = Image.fromarray(deep.clip(0, 255).astype("uint8"))
    if image.has_transparency_data:
        ink = as_mode(image, "RGBA")
        image = Image.new("RGB", ink.size, "white")
        image.paste(ink, mask=ink)
    return as_mode(image, "RGB")


def shorten(image):
    """L'image, réduite d'un nombre entier de fois si elle est grande."""
    factor = isqrt(image.width * image.height // ENOUGH**2)
    return image.reduce(factor) if factor > 1 else image


def as_mode(image, mode):
    """L'image dans ce codage, sans recopie si elle y est déjà."""
    return image if image.mode == mode else image.convert(mode)


# --8<-- [end:flatten]


# --8<-- [start:photo]
def prepare_photo(image, height, width, colors, pixels):
    """Tableau (hauteur, largeur, couleurs), le centre de l'image."""
    black, white = pixels
    image = as_mode(image, "RGB" if colors == 3 else "L")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    values = np.array(image, dtype="float32").reshape(height, width, colors)
    values *= (white - black) / 255  # sur place : rien à recopier
    values += black
    return values


# --8<-- [end:photo]


# --8<-- [start:digit]
def prepare_digit(image):
    """Chiffre clair sur fond noir, centré dans 28 × 28, comme MNIST."""
    image = image.convert("L")
    image.thumbnail((128, 128), Image.Resampling.BOX)
    gray = np.asarray(image, dtype="float32") / 255
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    if np.median(border) < 0.5:  # craie sur tableau noir : inverser
        gray = 1 - gray

    # Le papier le plus clair du voisinage dit la lumière à cet endroit
    paper = brightest_around(gray, 47)
    ink = np.where(gray < 0.7 * paper, paper - gray, 0)
    if not ink.any():
        raise Refusal(
            422,
            "chiffre_absent",
            "Aucun trait ne se détache du fond.",
            "Écrivez un chiffre foncé sur un fond clair, ou l'inverse.",
        )
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return center(shrink(box, 20), 28)


# --8<-- [end:digit]


# --8<-- [start:frame]
def brightest_around(gray, size):
    """Plus grande valeur du carré de côté `size` autour de chaque pixel."""
    padded = np.pad(gray, size // 2, mode="edge")
    lines = sliding_window_view(padded, size, axis=0).max(axis=-1)
    return sliding_window_view(lines, size, axis=1).max(axis=-1)


def shrink(box, side):
    """Ramène le grand côté à `side` pixels, et le plus noir à 1."""
    scale = side / max(box.shape)
    height, width = (max(1, round(scale * length)) for length in box.shape)
    image = Image.fromarray(box).resize((width, height), Image.Resampling.BOX)
    small = np.asarray(image)
    return small / small.max()


def center(small, side):
    """Place le centre de masse au milieu d'un carré noir."""
    corner = []
    for axis, length in enumerate(small.shape):
        weights = small.sum(axis=1 - axis)
        middle = (weights * np.arange(length)).sum() / weights.sum()
        start = round((side - 1) / 2 - middle)
        corner.append(min(max(start, 0), side - length))
    square = np.zeros((side, side), dtype="float32")
    top, left = corner
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return square


# --8<-- [end:frame]
