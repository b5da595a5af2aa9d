# --8<-- [start:imports]
# Interroger l'API d'images, avec la bibliothèque standard seule.
import base64
import json
import os
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SERVER = os.environ.get("API_URL", "http://127.0.0.1:8000")
IMAGE = Path(__file__).with_name("chiffre.png")
PATIENCE = 15  # secondes avant de renoncer
# --8<-- [end:imports]


# --8<-- [start:send]
def send(body, content_type):
    """Envoyer une image ; rendre le statut et le JSON, même d'un refus.

    Un mandataire en panne répond du HTML : le JSON est alors None.
    """
    headers = {"Content-Type": content_type}
    request = Request(f"{SERVER}/predict", body, headers)
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        with refusal:
            is_json = refusal.headers.get_content_type() == "application/json"
            return refusal.code, json.load(refusal) if is_json else None


def show(status, answer):
    """Le statut, puis le JSON sur plusieurs lignes."""
    print(status, json.dumps(answer, ensure_ascii=False, indent=2))


# --8<-- [end:send]


# --8<-- [start:multipart]
def multipart(path):
    """Le fichier tel quel, dans une enveloppe de formulaire."""
    border = uuid.uuid4().hex
    field = f'form-data; name="image"; filename="{path.name}"'
    headers = {
        "Content-Disposition": field,
        "Content-Type": "image/png",
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"--{border}", *lines, "", ""])
    tail = f"\r\n--{border}--\r\n"
    body = head.encode() + path.read_bytes() + tail.encode()
    return body, f"multipart/form-data; boundary={border}"


status, answer = send(*multipart(IMAGE))
show(status, answer)
# --8<-- [end:multipart]


# --8<-- [start:base64]
def as_json(path):
    """Le même fichier, écrit en lettres dans un JSON."""
    letters = base64.b64encode(path.read_bytes()).decode("ascii")
    return json.dumps({"image": letters}).encode(), "application/json"


again = send(*as_json(IMAGE))
print("Même réponse :", "oui" if again == (status, answer) else "non")
# --8<-- [end:base64]

# --8<-- [start:refusal]
# Ces lettres-là se décodent, mais ne font pas une image.
letters = base64.b64encode(b"bonjour").decode("ascii")
body = json.dumps({"image": letters}).encode()
show(*send(body, "application/json"))
# --8<-- [end:refusal]
