"""L'API d'images sous un déluge : requêtes, images abîmées, endurance, vrai serveur. Ni plantage, ni blocage, ni fuite.

Chaque contrôle a son témoin : une application volontairement mauvaise, qu'il doit refuser.
"""

from __future__ import annotations

import base64
import faulthandler
import gc
import http.client
import io
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from proof.project import ROOT
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.feedback import FeedbackSources
from werkzeug.test import Client, create_environ, run_wsgi_app

# Pillow prévient qu'une image abîmée l'est : c'est ce qu'on lui donne.
pytestmark = [
    pytest.mark.filterwarnings("ignore:(Corrupt EXIF|Tag data larger):UserWarning"),
    pytest.mark.cached("tests/test_api_fuzz.py", "tests/conftest.py", "snippets/api_images"),
]
PROJECT = ROOT / "snippets/api_images"
MODULES = ("settings", "images", "models", "app", "serve", "test_api")
SLOWEST = 10  # secondes : bien plus qu'une requête, bien moins qu'un blocage
PATIENCE = 600  # secondes avant d'arrêter tout, si le code natif est bloqué
MEGABYTE = 1_000_000
ALLOWED_GROWTH = 20 * MEGABYTE  # mémoire gagnée pendant l'endurance
HEAVIEST = 300 * MEGABYTE  # mémoire prise, au pire, par l'ouverture d'images démesurées
# Toujours les mêmes exemples, et le premier qui échoue tel quel : le réduire prendrait des minutes.
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


# Schemathesis pioche aussi dans les constantes du code : une chaîne au hasard n'est pas une image.
NOTHING_LEARNT = FeedbackSources()


class Trouble(AssertionError):
    """Une requête a reçu un statut 5xx, ou a duré trop longtemps."""


class Watched:
    """Application WSGI observée : compte ses réponses, refuse un statut 5xx ou une réponse trop lente."""

    def __init__(self, app: Any, slowest: float = SLOWEST) -> None:
        self.app, self.slowest = app, slowest
        self.statuses: Counter[int] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Sert une requête ; lève Trouble si elle se passe mal."""
        where = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'][:80]!r}"

        def note(status: str, *rest: Any) -> Any:
            self.statuses[int(status[:3])] += 1
            if status.startswith("5"):
                raise Trouble(f"{where} : {status}")
            return start_response(status, *rest)

        began = time.perf_counter()
        answer: Iterable[bytes] = self.app(environ, note)
        if time.perf_counter() - began > self.slowest:
            raise Trouble(f"{where} : plus de {self.slowest} s")
        return answer

    @property
    def requests(self) -> int:
        """Nombre de réponses."""
        return self.statuses.total()


@pytest.fixture(scope="module")
def project() -> Iterator[dict[str, ModuleType]]:
    """Les modules du projet, importés comme le fait l'élève depuis son dossier."""
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    sys.path.insert(0, str(PROJECT))
    yield {name: import_module(name) for name in MODULES}
    sys.path.remove(str(PROJECT))
    for name in MODULES:
        del sys.modules[name]
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def app(project: dict[str, ModuleType]) -> Any:
    """Une application neuve, que le débit ne limite pas."""
    return project["app"].create_app(project["settings"].Settings(rate="100000000/minute"))


def small_images(project: dict[str, ModuleType]) -> list[bytes]:
    """Les images admises par les tests de l'élève, sauf les plus lourdes."""
    return [data for data in project["test_api"].ACCEPTED.values() if len(data) < 100_000]


# --- Le contrat : ce que dit openapi.json est vrai, pour des requêtes justes comme pour des fausses


def hold_contract(watched: Watched, images: list[bytes], examples: int) -> None:
    """Lève une exception si une réponse contredit la description de l'API."""
    schemathesis.openapi.format("binary", st.sampled_from(images))
    schemathesis.openapi.format("byte", st.sampled_from([base64.b64encode(data).decode() for data in images]))
    schema = schemathesis.openapi.from_wsgi("/openapi.json", watched)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
        config = schema.config.generation_for(operation=operation)
        for case in schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=config):
            case.call_and_validate()
        for mode in modes if operation.body else modes[:1]:

            @settings(REPEATABLE, max_examples=examples)
            @given(case=operation.as_strategy(generation_mode=mode, feedback=NOTHING_LEARNT))
            def check(case: Any) -> None:
                case.call_and_validate()

            check()


def test_contract_holds(app: Any, project: dict[str, ModuleType]) -> None:
    watched = Watched(app)
    hold_contract(watched, small_images(project), 250)
    assert watched.requests >= 500, watched.statuses
    assert {200, 400, 405, 415} <= set(watched.statuses), watched.statuses


@pytest.mark.parametrize("fault", ["crash", "shape", "header"])
def test_broken_contract_is_seen(fault: str, app: Any, project: dict[str, ModuleType]) -> None:
    health = app.view_functions["health"]
    faults: dict[str, Callable[[], Any]] = {
        "crash": lambda: 1 / 0,
        "shape": lambda: {**health(), "secret": 1},
        "header": health,
    }
    app.view_functions["health"] = faults[fault]
    if fault == "header":
        app.after_request_funcs[None] = []  # plus d'en-tête X-Request-ID, pourtant promis
    with pytest.raises((Trouble, FailureGroup)):
        hold_contract(Watched(app), small_images(project), 5)


# --- Les requêtes : n'importe quel octet, n'importe où

TOKENS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
TYPES = st.sampled_from(
    ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=x", "image/png", "a/b; charset=x"]
)
PATHS = st.one_of(
    st.sampled_from(["/predict", "/sante", "/", "/openapi.json", "/static/../../app.py", "//", "/static/"]),
    st.text(max_size=40).map(lambda text: "/" + text),
)
PART = b'--x\r\nContent-Disposition: form-data; name="image"; filename="'
BODIES = st.one_of(
    st.binary(max_size=400),
    st.recursive(st.none() | st.text() | st.floats() | st.integers(), lambda inner: st.lists(inner)).map(json.dumps),
    st.text(max_size=200).map(lambda text: json.dumps({"image": text})),
    st.binary(max_size=200).map(lambda data: json.dumps({"image": base64.b64encode(data).decode()})),
    st.binary(max_size=200).map(lambda data: PART + data[:20] + b'"\r\n\r\n' + data[20:] + b"\r\n--x--\r\n"),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["X-Request-ID", "X-Forwarded-For", "Origin", "Content-Length", "Accept", "Range", "Transfer-Encoding"]
    ),
    TOKENS | st.integers(-5, 10**12).map(str),
    max_size=3,
)


def storm(app: Watched, examples: int) -> None:
    """Envoie des requêtes quelconques ; toute erreur doit être du JSON de la forme promise."""
    client = Client(app)

    @settings(REPEATABLE, max_examples=examples)
    @given(
        method=st.sampled_from(["POST", "POST", "GET", "PUT", "OPTIONS", "HEAD", "TRACE", "X"]),
        path=PATHS,
        kind=TYPES,
        body=BODIES,
        headers=HEADERS,
    )
    def send(method: str, path: str, kind: str, body: bytes | str, headers: dict[str, str]) -> None:
        answer = client.open(path, method=method, data=body, content_type=kind, headers=headers)
        assert re.fullmatch(r"[\w-]{1,64}", answer.headers["X-Request-ID"], re.ASCII)
        assert "Access-Control-Allow-Origin" not in answer.headers
        if answer.status_code >= 400 and method != "HEAD":
            error = json.loads(answer.text)["erreur"]
            assert {"code", "message"} <= set(error) and "Traceback" not in answer.text

    send()


def test_any_request_gets_an_answer(app: Any) -> None:
    watched = Watched(app)
    storm(watched, 1500)
    assert watched.requests >= 1400, watched.statuses
    assert {200, 400, 404, 405, 415} <= set(watched.statuses), watched.statuses


def test_crashing_route_is_seen(app: Any) -> None:
    app.view_functions["description"] = lambda: 1 / 0
    with pytest.raises(Trouble, match="500"):
        storm(Watched(app), 300)


# --- Les images : abîmées de toutes les façons


def mutations(images: list[bytes], each: int) -> Iterator[bytes]:
    """Images abîmées, toujours les mêmes : octets changés, coupées, en-têtes falsifiés, morceaux mêlés."""
    dice = random.Random(0)
    for data in images:
        for _ in range(each):
            flipped = bytearray(data)
            for _ in range(dice.randint(1, 20)):
                flipped[dice.randrange(len(data))] = dice.randrange(256)
            yield bytes(flipped)
            yield data[: dice.randrange(len(data))]
            header = bytearray(data)
            for place in dice.sample(range(min(64, len(data))), dice.randint(1, 4)):
                header[place] = dice.choice([0, 1, 127, 128, 255])
            yield bytes(header)
            first, second = sorted(dice.sample(range(len(data)), 2))
            yield data[:second] + data[first:]


def bombard(watched: Watched, images: Iterable[bytes]) -> Counter[int]:
    """Envoie chaque image, une fois sur deux en base64 ; rend les statuts."""
    client, found = Client(watched), Counter[int]()
    for rank, data in enumerate(images):
        if rank % 2:
            body: dict[str, Any] = {"json": {"image": base64.b64encode(data).decode()}}
        else:
            body = {"data": {"image": (io.BytesIO(data), "a.png")}}
        answer = client.post("/predict", **body)
        found[answer.status_code] += 1
    return found


def test_damaged_images(app: Any, project: dict[str, ModuleType]) -> None:
    images = list(mutations(small_images(project), 55))
    assert len(images) >= 3300
    found = bombard(Watched(app), images)
    assert set(found) <= {200, 400, 413, 415, 422}, found
    assert min(found[200], found[400], found[415]) > 100, found


def test_fragile_decoder_is_seen(app: Any, project: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project["app"], "open_image", lambda data: Image.open(io.BytesIO(data)).convert("RGB"))
    with pytest.raises(Trouble, match="500"):
        bombard(Watched(app), mutations(small_images(project), 1))


def test_slow_answer_is_seen(app: Any, project: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project["app"], "open_image", lambda data: time.sleep(0.3))
    with pytest.raises(Trouble, match=r"plus de 0\.2 s|500"):
        bombard(Watched(app, slowest=0.2), small_images(project))


# --- L'endurance : la mémoire ne grandit pas. Processus neuf : la place laissée par d'autres cacherait une fuite.


def endure(rounds: int, leak: bool) -> int:
    """Octets gagnés pendant `rounds` fois dix petites requêtes, après chauffe ; `leak` en fait fuir une sur dix."""
    sys.path.insert(0, str(PROJECT))
    project = {name: import_module(name) for name in MODULES}
    app = project["app"].create_app(project["settings"].Settings(rate="100000000/minute"))
    kept: list[bytes] = []
    health = app.view_functions["health"]

    def leaking() -> Any:
        kept.append(b"x" * MEGABYTE * leak)
        return health()

    app.view_functions["health"] = leaking
    watched, process = Watched(app), psutil.Process()
    test_api = project["test_api"]
    digit = test_api.encode(test_api.SEVEN.resize((28, 28)), "PNG")
    body = json.dumps({"image": base64.b64encode(digit).decode()}).encode()
    before, warm = 0, rounds // 10
    for rank in range(warm + rounds):
        if rank == warm:
            gc.collect()
            before = process.memory_info().rss
        send(watched, "POST", "/predict", body)
        send(watched, "GET", "/sante")
        for turn in range(4):
            send(watched, "POST", "/predict", b"[" * turn)
            send(watched, "GET", f"/inconnue/{rank}/{turn}")
    gc.collect()
    assert watched.requests == 10 * (warm + rounds) and watched.statuses[200] == 2 * (warm + rounds), watched.statuses
    return int(process.memory_info().rss - before)


ENVIRON = create_environ(content_type="application/json")


def send(app: Watched, method: str, path: str, body: bytes = b"") -> None:
    """Une requête en JSON, sans le client de Werkzeug : il coûterait autant que la réponse."""
    sent = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    run_wsgi_app(app, ENVIRON | sent | {"REQUEST_METHOD": method, "PATH_INFO": path})


def measure(call: str) -> int:
    """Ce que rend cet appel à une fonction de ce fichier, dans un interpréteur neuf."""
    program = f"import test_api_fuzz; print(test_api_fuzz.{call})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT / "tests", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_memory_stays_put() -> None:
    growth = measure("endure(2000, leak=False)")
    assert growth < ALLOWED_GROWTH, f"{growth / MEGABYTE:.0f} Mo de plus après 20 000 requêtes"


def test_leak_is_seen() -> None:
    assert measure("endure(40, leak=True)") > ALLOWED_GROWTH


def peak(path: str, together: bool) -> int:
    """Octets de plus, au pire, quand quatre fils ouvrent deux fois la même image ; `together` : chacun décode."""
    sys.path.insert(0, str(PROJECT))
    images, data = import_module("images"), Path(path).read_bytes()
    if together:
        images.DECODER = ThreadPoolExecutor(4)  # type: ignore[attr-defined]
    process = psutil.Process()
    before = highest = process.memory_info().rss
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(images.open_image, data) for _ in range(8)]
        while not all(job.done() for job in jobs):
            highest = max(highest, process.memory_info().rss)
            time.sleep(0.002)
    assert all(job.result().mode == "RGB" for job in jobs)
    return int(highest - before)


@pytest.mark.parametrize("together", [False, True])
def test_huge_images_take_turns(together: bool, tmp_path: Path) -> None:
    """Un aplat de 25 millions de pixels pèse quelques dizaines de ko, et cent fois plus une fois décodé."""
    path = tmp_path / "aplat.png"
    Image.new("RGBA", (5000, 5000), (0, 0, 0, 128)).save(path)
    assert path.stat().st_size < 200_000
    found = measure(f"peak({str(path)!r}, together={together})")
    assert (found < HEAVIEST) != together, f"{found / MEGABYTE:.0f} Mo"


# --- Le vrai serveur, avec ce que Flask ne voit pas : HTTP mal formé, envois trop lourds, journal


@contextmanager
def running(folder: Path, fault: tuple[str, str, str] | None = None, **env: str) -> Iterator[tuple[int, Path]]:
    """Lance une copie du projet, une faute glissée dedans ou non ; rend son port et son journal."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("outputs", "__pycache__"))
    if fault:
        name, old, new = fault
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"la faute ne se glisse plus : {old}"
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    journal = folder / "journal"
    with journal.open("wb") as file:
        env = dict(os.environ) | {"PORT": str(port), "OUVRIERS": "1"} | env
        server = subprocess.Popen([sys.executable, "serve.py"], cwd=folder, env=env, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 60
        while send_raw(port, b"GET /sante HTTP/1.0\r\n\r\n")[0] != 200:
            assert server.poll() is None and time.monotonic() < deadline, journal.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield port, journal
    finally:
        server.terminate()
        server.wait(60)


def send_raw(port: int, request: bytes) -> tuple[int, bytes]:
    """Statut et corps de la réponse à ces octets ; statut 0 si personne n'écoute."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(request)
            head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
    except ConnectionRefusedError:
        return 0, b""
    return int(head.split()[1]), body


# Ce que Gunicorn refuse seul, avant Flask : la leçon cite ces statuts.
MALFORMED = {
    "version": (b"GET / HTTP/9.9\r\n\r\n", 400),
    "ligne": (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n", 414),
    "attente": (b"GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417),
    "en-tête": (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 9000 + b"\r\n\r\n", 431),
    "codage": (b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\n\r\n", 501),
}


def check_journal(port: int, journal: Path) -> None:
    """Chaque requête mal formée a son statut, et laisse au journal une ligne sans adresse."""
    for request, status in MALFORMED.values():
        found, body = send_raw(port, request)
        assert found == status and body.startswith(b"<html>"), (request[:60], found, body)
    text = journal.read_text(encoding="utf-8")
    lines = [line for line in map(json.loads, text.splitlines()) if "Invalid request" in line["message"]]
    assert len(lines) == len(MALFORMED), text
    assert not any("127.0.0.1" in line["message"] for line in lines), "une adresse est dans le journal"


def check_heavy(port: int, journal: Path) -> None:
    """Un envoi refusé reçoit sa réponse, même si son auteur envoie tout avant de lire, puis ferme."""
    for path, kind, size, status in (
        ("/predict", "application/json", 15 * MEGABYTE, 413),
        ("/predict", "text/plain", 5 * MEGABYTE, 415),
        ("/inconnue", "application/json", 5 * MEGABYTE, 404),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", path, bytes(size), {"Content-Type": kind, "Connection": "close"})
        response = connection.getresponse()
        assert response.status == status and "erreur" in json.load(response)
        connection.close()


def check_announced(port: int, journal: Path) -> None:
    """Un poids démesuré est refusé sur son annonce, avant le premier octet."""
    request = b"POST /predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request % (100 * MEGABYTE))
        assert client.recv(12) == b"HTTP/1.1 413"


needs_gunicorn = pytest.mark.skipif(sys.platform == "win32", reason="Gunicorn n'existe pas sous Windows")


@needs_gunicorn
def test_gunicorn(tmp_path: Path) -> None:
    with running(tmp_path / "api") as found:
        check_journal(*found)
        check_heavy(*found)


def test_waitress(tmp_path: Path) -> None:
    with running(tmp_path / "api", SERVEUR="waitress") as found:
        check_heavy(*found)
        check_announced(*found)


@needs_gunicorn
@pytest.mark.parametrize(
    ("check", "fault", "server"),
    [
        (check_journal, ("serve.py", '"filters": ["anonymous"],', ""), "gunicorn"),
        (check_heavy, ("app.py", "while left > 0", "while False"), "gunicorn"),
        (check_announced, ("serve.py", "max_request_body_size=2 * MAX_BYTES,", ""), "waitress"),
    ],
)
def test_server_control_is_able_to_fail(
    check: Callable[[int, Path], None], fault: tuple[str, str, str], server: str, tmp_path: Path
) -> None:
    with running(tmp_path / "api", fault, SERVEUR=server) as found, pytest.raises((AssertionError, OSError)):
        check(*found)
