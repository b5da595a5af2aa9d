"""La charge : les serveurs de la leçon « Intégration », huit clients à la fois, dans une même exécution.

Chaque étape lance un vrai serveur, le code montré par la leçon ou le projet d'API ; les clients envoient les mêmes
photographies, l'une après l'autre, sans attendre entre deux. Le plancher est le calcul seul, sans serveur.
"""

from __future__ import annotations

import io
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.project import ROOT, Fault, Script, sha256
from proof.runner import SINGLE_THREAD, sandbox_environment

CLIENTS = 8
WARM_SECONDS, SECONDS, FLOOR_SECONDS = 2, 5, 4
ROUNDS = 3  # la référence, puis l'étape, puis de nouveau : le rapport publié est celui du milieu
REFERENCE_WARM_SECONDS = 30  # l'API naïve accélère encore pendant ses premières dizaines de secondes
STARTUP = 300  # secondes laissées à un serveur pour importer TensorFlow et lire ses poids
SIDE = 224  # côté, en pixels, du carré qu'envoie un client soigneux : ce que le réseau regarde
BOUNDARY = "frontiere"
FLOAT, INT8 = ({"MODELE": f"{{dossier}}/{name}.onnx"} for name in ("mobilenet", "mobilenet_int8"))
ALONE = {"OUVRIERS": "2", "FILS": "1"}  # un ouvrier par cœur, une requête à la fois
OPENVINO, BF16 = ALONE | {"MOTEUR": "openvino"}, ALONE | {"MOTEUR": "openvino-bf16"}
FLASK = ["-m", "flask", "--app"]
GUNICORN = ["-m", "gunicorn", "--workers=2", "--bind=127.0.0.1:{port}"]
# Nom de l'étape → projet, commande, réglages. `{port}` et `{dossier}` sont remplacés au lancement.
STEPS: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "naive": ("perf_api", [*FLASK, "naive", "run", "--port", "{port}"], {}),
    "production": ("perf_api", ["-m", "waitress", "--host=127.0.0.1", "--port={port}", "--threads=8", "naive:app"], {}),
    "graphe": ("perf_api", [*FLASK, "steps:create_app('graph')", "run", "--port", "{port}"], {}),
    "lots": ("perf_api", [*FLASK, "steps:create_app('batches')", "run", "--port", "{port}"], {}),
    "litert": ("perf_api", [*FLASK, "steps:create_app('litert')", "run", "--port", "{port}"], {}),
    "fils": ("api_images", ["serve.py"], FLOAT | {"OUVRIERS": "1", "FILS": "4"}),
    "processus": ("api_images", ["serve.py"], FLOAT | ALONE),
    "openvino": ("api_images", ["serve.py"], FLOAT | OPENVINO),
    "nue": ("api_images", [*GUNICORN, "nue:app"], FLOAT | OPENVINO),
    "bf16": ("api_images", ["serve.py"], FLOAT | BF16),
    "huit_bits": ("api_images", ["serve.py"], INT8 | ALONE),
    "huit_bits_bf16": ("api_images", ["serve.py"], INT8 | BF16),
    "entieres": ("api_images", ["serve.py"], INT8 | BF16),
}
# Étapes dont le calcul seul est mesuré aussitôt après elles.
FLOORS = ["processus", "openvino", "nue", "bf16", "huit_bits", "huit_bits_bf16"]
# Le service réduit à presque rien : Gunicorn, le décodage, le calcul. Ni Flask, ni contrôle, ni journal.
BARE = """
import json, os
from images import open_image
from models import load_model
from settings import read_settings
model = load_model(read_settings(os.environ))

def app(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    photo = body.partition(b"\\r\\n\\r\\n")[2].rpartition(b"\\r\\n--")[0]
    found = json.dumps({"predictions": model.predict(open_image(photo)) if photo else []}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(found)))])
    return [found]
"""
API = {"ETIQUETTES": "labels_fr.tsv", "PIXELS": "-1,1", "DEBIT": "1000000/minute", "SERVEUR": "gunicorn"}
# Le calcul seul, par le code de l'API : autant de processus que de cœurs, un fil chacun, une image à la fois.
FLOOR = """
import os, sys, time
import numpy
from models import load_model
from settings import read_settings
forward = load_model(read_settings(os.environ)).forward
images = numpy.zeros((1, 3, 224, 224), dtype="float32")
for _ in range(20):
    forward(images)
count, began = 0, time.perf_counter()
while time.perf_counter() < began + float(sys.argv[1]):
    forward(images)
    count += 1
print(count / (time.perf_counter() - began))
"""


def sources(root: Path) -> list[Script]:
    """Fichiers dont la vitesse publiée dépend."""
    names = {
        "perf_api": ("naive", "engines", "batcher", "steps"),
        "perf_onnx": ("with_keras",),
        "api_images": ("app", "images", "models", "settings", "serve"),
    }
    return [Script(root, example, name) for example, files in names.items() for name in files]


def digest(root: Path) -> str:
    """Empreinte de tout ce que le banc a mesuré."""
    return sha256(*[script.source.encode() for script in sources(root)])


def check_fresh(root: Path) -> list[Fault]:
    """Les débits publiés sont-ils ceux des sources publiées ?"""
    if not (root / "snippets/perf_api").is_dir():
        return []  # un projet sans cette leçon n'a rien à mesurer
    results = json.loads((root / "tests/bench.json").read_text(encoding="utf-8"))
    if results.get("charge", {}).get("source") == digest(root):
        return []
    what = "un serveur mesuré sous charge a changé depuis sa mesure (tests/bench.json)"
    return [Fault("snippets/perf_api/naive.py:1", what, "lancer make bench ARGS=charge")]


def photos(whole: bool) -> list[bytes]:
    """Quatre photographies en JPEG : entières, ou le carré de leur centre, réduit à `SIDE` pixels."""
    from PIL import Image, ImageOps
    from skimage import data
    from sklearn.datasets import load_sample_image

    found = []
    for pixels in (data.chelsea(), data.coffee(), data.rocket(), load_sample_image("flower.jpg")):  # type: ignore[no-untyped-call]
        stream, image = io.BytesIO(), Image.fromarray(pixels)
        if not whole:
            image = ImageOps.fit(image, (SIDE, SIDE))
        image.save(stream, "JPEG", quality=90)
        found.append(stream.getvalue())
    return found


def request(photo: bytes) -> bytes:
    """Octets d'une requête entière, prêts à partir : la photographie, dans le champ `image` d'un formulaire."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
    body = part.encode() + b"Content-Type: image/jpeg\r\n\r\n" + photo + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = [
        "POST /predict HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def ask(port: int, sent: bytes) -> str:
    """Meilleure réponse du serveur à un nouveau visiteur ; RuntimeError si le statut n'est pas 200.

    Une connexion par requête : gardée ouverte, elle attacherait chaque client à un seul ouvrier. Des octets tout prêts,
    sur une prise nue : les clients partagent les cœurs des serveurs, et doivent leur en prendre le moins possible.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    if (status := answer[9:12]) != b"200":
        raise RuntimeError(f"statut {status.decode()} : {answer[:300]!r}")
    found = json.loads(answer.partition(b"\r\n\r\n")[2])
    return str(found["predictions"][0]["etiquette"]).replace("_", " ")


def hammer(port: int, requests: list[bytes], seconds: float) -> tuple[list[float], float, dict[int, set[str]]]:
    """Huit clients pendant `seconds` : durée de chaque requête en ms, durée du tout en s, réponses par photographie.

    Un client qui échoue fait échouer la mesure : une requête perdue ne se compte pas comme rapide.
    """
    durations: list[float] = []
    answers: dict[int, set[str]] = {rank: set() for rank in range(len(requests))}
    failures: list[Exception] = []
    start = time.perf_counter()
    end = start + seconds

    def client(number: int) -> None:
        try:
            while (began := time.perf_counter()) < end:
                rank = number % len(requests)
                answers[rank].add(ask(port, requests[rank]))
                durations.append(1000 * (time.perf_counter() - began))
                number += 1
        except Exception as error:
            failures.append(error)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} clients sur {CLIENTS} ont échoué : {failures[0]!r}")
    return durations, time.perf_counter() - start, answers


def equal_answers(name: str, answers: dict[int, set[str]], expected: list[str], exact: bool) -> int:
    """Photographies toujours reconnues comme par la référence ; `exact` : RuntimeError s'il en manque une."""
    equal = sum(answers[rank] == {best} for rank, best in enumerate(expected))
    if exact and equal < len(expected):
        raise RuntimeError(f"{name} ne répond pas comme la référence : {answers}, au lieu de {expected}")
    return equal


def pooled(runs: Sequence[tuple[list[float], float, dict[int, set[str]]]]) -> dict[str, Any]:
    """Résumé de plusieurs passages sous charge, mis bout à bout."""
    return summary([duration for run in runs for duration in run[0]], sum(run[1] for run in runs))


def summary(durations: list[float], seconds: float) -> dict[str, Any]:
    """Débit, percentiles et durées brutes, en millisecondes, dans l'ordre d'arrivée."""
    cuts = statistics.quantiles(durations, n=100, method="inclusive")
    return {
        "debit": round(len(durations) / seconds, 2),
        "p50": round(cuts[49], 2),
        "p99": round(cuts[98], 2),
        "requetes": len(durations),
        "durees": " ".join(f"{duration:.1f}" for duration in durations),
    }


@contextmanager
def served(name: str, folder: Path) -> Iterator[int]:
    """Lance le serveur d'une étape, attend qu'il réponde, rend son port, puis l'arrête."""
    project, command, _ = STEPS[name]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = environment(folder, name) | {"PORT": str(port)}
    arguments = [part.format(port=port) for part in command]
    with (folder / f"{name}.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, *arguments], cwd=folder / project, env=env, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + STARTUP
            while not answers_at(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    text = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"le serveur {name} n'a pas démarré :\n{text[-2000:]}")
                time.sleep(0.2)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()


def answers_at(port: int) -> bool:
    """Un serveur HTTP répond-il, quel que soit son statut ?"""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def environment(folder: Path, name: str = "") -> dict[str, str]:
    """Celui du bac à sable, avec tous les fils de la machine, et les réglages d'une étape."""
    project, _, settings = STEPS.get(name, ("", [], {}))
    found = sandbox_environment(folder, ["mobilenet_keras"])
    found = {key: value for key, value in found.items() if key not in SINGLE_THREAD}
    found |= {"PROOF_FIGURES": str(folder)} | (API if project == "api_images" else {})
    return found | {key: value.format(dossier=folder) for key, value in settings.items()}


def floor(name: str, folder: Path) -> float:
    """Images par seconde que permet le calcul seul d'une étape, tous cœurs occupés."""
    command, place = [sys.executable, "-c", FLOOR, str(FLOOR_SECONDS)], folder / "api_images"
    runs = [
        subprocess.Popen(command, cwd=place, env=environment(folder, name), stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(os.cpu_count() or 1)
    ]
    return round(sum(float(run.communicate()[0]) for run in runs), 2)


def prepare(folder: Path) -> None:
    """Écrit dans `folder` les projets à servir, et les modèles que l'exemple de la leçon exporte."""
    for project, entry in (("perf_api", "compare"), ("api_images", "check")):
        Script(ROOT, project, entry).write_program(folder / project)
    (folder / "api_images/nue.py").write_text(BARE, encoding="utf-8")
    export = Script(ROOT, "perf_onnx", "with_keras")
    (folder / "export.py").write_text(export.source, encoding="utf-8")
    litert = 'from naive import network\nnetwork.export("mobilenet.tflite", format="litert", verbose=False)\n'
    for program, place in ((["export.py"], folder), (["-c", litert], folder / "perf_api")):
        command = [sys.executable, *program]
        subprocess.run(command, cwd=place, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def measure(folder: Path) -> dict[str, Any]:
    """Toutes les étapes, chacune en alternance avec la naïve, et le plancher, mesuré juste après.

    L'API naïve reste lancée, au repos, pendant qu'une autre est mesurée : la machine change d'allure d'une minute à
    l'autre, et un rapport à une mesure ancienne ne dirait rien. Le rapport des débits est le médian de `ROUNDS`.
    """
    measured = digest(ROOT)  # avant de commencer : un fichier retouché pendant la mesure n'y est pas
    prepare(folder)
    requests = {whole: [request(photo) for photo in photos(whole)] for whole in (False, True)}
    steps: dict[str, Any] = {}
    floors: dict[str, float] = {}
    with served("naive", folder) as reference:
        # Elle répond d'abord, une fois, à chaque photographie, réduite puis entière.
        expected = {whole: [ask(reference, one) for one in sent] for whole, sent in requests.items()}
        hammer(reference, requests[False], REFERENCE_WARM_SECONDS)
        for name in [step for step in STEPS if step != "naive"]:
            whole = name == "entieres"
            with served(name, folder) as port:
                hammer(port, requests[whole], WARM_SECONDS)
                rounds = [
                    (hammer(reference, requests[False], SECONDS), hammer(port, requests[whole], SECONDS))
                    for _ in range(ROUNDS)
                ]
            base, found = (pooled(runs) for runs in zip(*rounds, strict=True))
            found["reference"] = base
            answers = {rank: set().union(*(run[2][rank] for _, run in rounds)) for rank in range(len(expected[whole]))}
            ratios = [(len(run[0]) / run[1]) / (len(before[0]) / before[1]) for before, run in rounds]
            exact = STEPS[name][2].get("MODELE") != INT8["MODELE"]
            found["reponses_egales"] = equal_answers(name, answers, expected[whole], exact)
            found["rapports"] = [round(ratio, 2) for ratio in ratios]
            found["rapport_debit"] = round(statistics.median(ratios), 1)
            found["rapport_p99"] = round(base["p99"] / found["p99"], 1)
            steps[name] = found
            if name in FLOORS:
                floors[name] = floor(name, folder)
            print(
                f"  {name} : {found['debit']:.1f} requêtes par seconde ({found['rapport_debit']} fois), "
                f"p99 {found['p99']:.0f} ms, {found['reponses_egales']} réponses égales sur {len(expected[whole])}",
                flush=True,
            )
    # La ligne de la référence : celle de ses mesures dont le débit est au milieu.
    steps["naive"] = sorted((step["reference"] for step in steps.values()), key=lambda one: one["debit"])[
        len(steps) // 2
    ]
    return {
        "source": measured,
        "clients": CLIENTS,
        "cote": SIDE,
        "secondes": ROUNDS * SECONDS,
        "reference": "perf_api/naive, serveur de développement de Flask, model.predict à chaque requête",
        "etapes": steps,
        "plancher": floors,
        "part_du_plancher": {name: round(steps[name]["debit"] / found, 3) for name, found in floors.items()},
    }
