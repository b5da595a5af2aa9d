# --8<-- [start:imports]
"""L'essai complet : les tests, puis le vrai serveur, malmené."""

import atexit
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
JOURNAL = Path("journal.jsonl")
# --8<-- [end:imports]


# --8<-- [start:tests]
class Tally:
    """Compte les tests selon leur issue."""

    def __init__(self):
        self.outcomes = Counter()

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            self.outcomes[report.outcome] += 1


tally, text = Tally(), io.StringIO()
with redirect_stdout(text):
    code = pytest.main([str(HERE / "test_api.py")], plugins=[tally])
assert code == 0, text.getvalue()
n_tests = tally.outcomes["passed"]
print(n_tests, "tests réussis")
# --8<-- [end:tests]


# --8<-- [start:launch]
def launch(**settings):
    """Démarre serve.py sur un port libre ; rend le processus et le port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")],
        env=os.environ | {"PORT": str(port)} | settings,
        stdout=JOURNAL.open("w", encoding="utf-8"),
        stderr=subprocess.PIPE,
    )
    atexit.register(process.kill)
    return process, port


def wait_for(condition):
    """Attend que la condition soit vraie, une minute au plus."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, JOURNAL.read_text(encoding="utf-8")
        time.sleep(0.1)


def call(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, json.load(response)


def is_ready(port):
    try:
        return call(port, "GET", "/sante")[1]["etat"] == "prêt"
    except ConnectionRefusedError:
        return False


def lines():
    text = JOURNAL.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def count(message):
    return sum(line["message"].startswith(message) for line in lines())


# --8<-- [end:launch]

# --8<-- [start:serve]
process, port = launch(OUVRIERS="2")
wait_for(lambda: is_ready(port))
from test_api import TEXT  # un 7, en base64

body = json.dumps({"image": TEXT})
status, answer = call(port, "POST", "/predict", body)
best = answer["predictions"][0]
assert status == 200 and best["etiquette_fr"] == "sept"
print("Modèle :", answer["modele"]["nom"], "· lu :", best["etiquette_fr"])
# --8<-- [end:serve]

# --8<-- [start:kill]
wait_for(lambda: count("requête") >= 2)
served = [line for line in lines() if line["message"] == "requête"]
worker = served[-1]["processus"]
assert worker != process.pid
os.kill(worker, signal.SIGKILL)
status, answer = call(port, "POST", "/predict", body)
assert status == 200
wait_for(lambda: count("Booting worker") == 3)
print("Un ouvrier tué : la requête suivante réussit, un autre le remplace")
# --8<-- [end:kill]

# --8<-- [start:stop]
wait_for(lambda: is_ready(port))
headers = {
    "Host": "localhost",
    "Connection": "close",
    "Expect": "100-continue",
    "Content-Type": "application/json",
    "Content-Length": len(body),
}
head = [f"{name}: {value}" for name, value in headers.items()]
head = "\r\n".join(["POST /predict HTTP/1.1", *head, "", ""])
with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
    client.sendall(head.encode())
    # Le serveur tient notre requête, et attend sa suite…
    assert client.recv(100).startswith(b"HTTP/1.1 100 ")
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: count("Handling signal: term") == 1)
    client.sendall(body.encode())  # … qui arrive après l'ordre d'arrêt
    assert client.makefile("rb").read().startswith(b"HTTP/1.1 200 ")
assert process.wait(60) == 0
assert process.stderr.read() == b""
print("Ordre d'arrêt : la requête en cours finit, code de sortie 0")
# --8<-- [end:stop]

# --8<-- [start:refuse]
Path("deux.txt").write_text("un\ndeux\n", encoding="utf-8")
model = str(HERE / "models" / "couleurs.onnx")
process, port = launch(MODELE=model, ETIQUETTES="deux.txt")
assert process.wait(60) == 4
assert b"2 \xc3\xa9tiquettes" in process.stderr.read()
print("Modèle mal décrit : le serveur refuse de démarrer, et dit pourquoi")
# --8<-- [end:refuse]

# --8<-- [start:waitress]
process, port = launch(SERVEUR="waitress")
wait_for(lambda: is_ready(port))
status, answer = call(port, "POST", "/predict", body)
assert status == 200
process.send_signal(signal.SIGTERM)
assert process.wait(60) == 0
print("Autre serveur : même réponse, même arrêt")
# --8<-- [end:waitress]

# --8<-- [start:check]
assert n_tests >= 80
print("Tout est vrai.")
# --8<-- [end:check]
