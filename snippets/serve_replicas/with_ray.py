# --8<-- [start:imports]
import asyncio
import json
import logging
import os
import random
import signal
import socket
import threading
import time
from http.client import HTTPException
from urllib.request import Request, urlopen

import matplotlib.pyplot as plt
import numpy as np
import psutil
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

# Ray lit ces réglages au démarrage. Les appels qu'il fait au-dehors, même
# télémétrie refusée, partent vers un mandataire qui n'existe pas.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1,localhost",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # rester sur 127.0.0.1
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # ne pas recopier les journaux ici
    # Sur une machine chargée, ne pas passer après tout le monde (quinze par
    # défaut : la priorité presque la plus basse), et laisser démarrer.
    "RAY_worker_niceness": "0",
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
    # Constater la mort d'un nœud en une seconde (quinze par défaut).
    "RAY_health_check_initial_delay_ms": "500",
    "RAY_health_check_period_ms": "300",
    "RAY_health_check_failure_threshold": "3",
}

import ray
from ray import serve
from ray.cluster_utils import Cluster
from ray.serve.schema import LoggingConfig
from starlette.responses import Response

# --8<-- [end:imports]

# --8<-- [start:settings]
HIDDEN = (128, 128)  # deux couches cachées
PAGE = 64  # images par requête : une « page » de chiffres
WAIT = 0.2  # secondes que prendrait un gros modèle sur un accélérateur
N_CLIENTS = 8  # clients qui interrogent en même temps
TRIES = 8  # essais d'un client patient, le premier compris
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0  # secondes, avant la gigue
TIMEOUT = 10  # secondes qu'un client accorde à un essai
# --8<-- [end:settings]


# --8<-- [start:model]
def predict(weights, images):
    """Chiffre lu sur chaque image (n, 64) : le réseau, en NumPy."""
    values = images.astype(np.float32) / 16
    for rank, (matrix, bias) in enumerate(weights):
        values = values @ matrix + bias
        if rank < len(weights) - 1:
            values = np.maximum(values, 0)
    return values.argmax(axis=1).tolist()


digits = load_digits()
images = digits.data.astype(np.uint8)
inputs = (images[:1500] / 16).astype(np.float32)
network = MLPClassifier(HIDDEN, learning_rate_init=0.005, random_state=0)
for _ in range(6):  # six époques
    network.partial_fit(inputs, digits.target[:1500], classes=range(10))
weights = list(zip(network.coefs_, network.intercepts_))

rng = np.random.default_rng(0)
pages = [images[rng.integers(len(images), size=PAGE)] for _ in range(20)]
expected = [predict(weights, page) for page in pages]
right = np.equal(predict(weights, images[1500:]), digits.target[1500:])
accuracy = right.mean()
print(f"Exactitude sur {len(right)} images jamais vues : {accuracy:.1%}")
# --8<-- [end:model]


# --8<-- [start:deployment]
@serve.deployment(
    num_replicas=2,
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=4,
    health_check_period_s=1,
    health_check_timeout_s=5,
    graceful_shutdown_wait_loop_s=0.2,
    graceful_shutdown_timeout_s=10,
)
class Reader:
    """Une réplique : un processus, qui garde le modèle en mémoire."""

    def __init__(self, weights, page, answer):
        self.weights, self.page, self.answer = weights, page, answer
        node = ray.get_runtime_context().get_node_id()
        self.identity = {"pid": os.getpid(), "node": node}

    async def __call__(self, request):
        body = await request.body()
        if len(body) % 64:  # ce n'est pas un nombre entier d'images
            return Response("page incomplète", status_code=400)
        images = np.frombuffer(body, np.uint8).reshape(-1, 64)
        found = predict(self.weights, images)
        await asyncio.sleep(WAIT)  # le processeur, lui, est libre
        return {"digits": found} | self.identity

    def check_health(self):
        """Une erreur levée ici fait remplacer la réplique."""
        assert predict(self.weights, self.page) == self.answer


# --8<-- [end:deployment]

# --8<-- [start:cluster]
with socket.socket() as probe:  # un port libre, choisi par le système
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
machine = {"num_cpus": 1}
cluster = Cluster(
    initialize_head=True,
    head_node_args={
        **machine,
        "include_dashboard": False,
        "no_monitor": True,  # personne n'ajoutera de nœud à notre place
    },
)
ray.init(
    address=cluster.address,
    namespace="serve",
    log_to_driver=False,
    logging_level=logging.ERROR,
)
second_node = cluster.add_node(**machine)

quiet = LoggingConfig(log_level="ERROR", enable_access_log=False)
logging.getLogger("ray.serve").setLevel(logging.ERROR)
serve.start(
    proxy_location="HeadOnly",
    http_options={"port": port, "request_timeout_s": TIMEOUT},
    logging_config=quiet,
)


def deploy():
    """Mettre en service une version du lecteur, et l'attendre."""
    wanted = Reader.options(logging_config=quiet)
    serve.run(wanted.bind(weights, pages[0], expected[0]))


deploy()
print("Nœuds :", len(cluster.list_all_nodes()))
# --8<-- [end:cluster]


# --8<-- [start:client]
TEMPORARY = {408, 429, 500, 502, 503, 504}


def ask(page):
    """Faire lire une page : la réponse (ou None), et les reprises."""
    request = Request(f"http://127.0.0.1:{port}/", page)
    for attempt in range(TRIES):
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:
                return json.load(answer), attempt
        except (OSError, HTTPException, ValueError) as error:
            # Une erreur 4xx du client se reproduirait : inutile d'insister ;
            # après le dernier essai, inutile d'attendre.
            last = attempt == TRIES - 1
            if last or getattr(error, "code", 503) not in TEMPORARY:
                break
            longest = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
            time.sleep(random.uniform(0, longest))
    return None, attempt


answer, retries = ask(pages[0].tobytes())
assert answer["digits"] == expected[0]
print("Première page lue, reprises    :", retries)
refused, insisted = ask(b"trop court")
print("Demande mal formée, reprises   :", insisted)
# --8<-- [end:client]


# --8<-- [start:load]
journal = []  # par requête finie : (instant, juste ?, reprises, réponse)
finished = []  # les clients qui sont allés jusqu'au bout
stop = threading.Event()


def client(seed):
    """Interroger sans relâche, et noter chaque issue."""
    choice = random.Random(seed)
    while not stop.is_set():
        rank = choice.randrange(len(pages))
        answer, retries = ask(pages[rank].tobytes())
        right = answer is not None and answer["digits"] == expected[rank]
        journal.append((time.perf_counter(), right, retries, answer))
    finished.append(seed)


def replicas(since, gone=()):
    """Répliques (processus → nœud) qui ont bien répondu depuis `since`."""
    return {
        answer["pid"]: answer["node"]
        for moment, right, _, answer in journal
        if right and moment >= since and answer["pid"] not in gone
    }


def wait_for_two(since, gone=()):
    """Attendre que deux répliques répondent, sans compter les disparues."""
    deadline = time.perf_counter() + 60
    while len(replicas(since, gone)) < 2 and time.perf_counter() < deadline:
        time.sleep(0.1)
    seen = replicas(since, gone)
    assert len(seen) == 2, "une réplique manque"
    return seen


began = time.perf_counter()
clients = [threading.Thread(target=client, args=[i]) for i in range(N_CLIENTS)]
for thread in clients:
    thread.start()
before = wait_for_two(began)
calm = time.perf_counter()
time.sleep(1)
print("Répliques :", len(before), "sur", len(set(before.values())), "nœuds")
# --8<-- [end:load]

# --8<-- [start:kill_replica]
victim = next(p for p, n in before.items() if n == second_node.node_id)
killed_at = time.perf_counter()
os.kill(victim, signal.SIGKILL)  # sans préavis, comme une panne de mémoire
after = wait_for_two(killed_at, gone=[victim])
replica_back = time.perf_counter()
print("Répliques qui répondent :", len(after))
# --8<-- [end:kill_replica]

# --8<-- [start:kill_node]
victim = next(p for p, n in after.items() if n == second_node.node_id)
node_killed_at = time.perf_counter()
os.kill(victim, signal.SIGKILL)  # une machine s'éteint d'un seul coup
cluster.remove_node(second_node, allow_graceful=False)
time.sleep(1.5)
settled = time.perf_counter()
time.sleep(1)
alone = replicas(settled)
node_added_at = time.perf_counter()
print("Sans le second nœud, répliques :", len(alone))

third_node = cluster.add_node(**machine)
both = wait_for_two(node_added_at, gone=[victim])
node_back = time.perf_counter()
print("Avec un nœud neuf, répliques   :", len(both))
# --8<-- [end:kill_node]

# --8<-- [start:update]
time.sleep(0.5)
so_far = sum(retries for _, _, retries, _ in journal)
deploy()  # une nouvelle version : chaque réplique est remplacée
renewed = wait_for_two(node_back, gone=both)
updated_at = time.perf_counter()
stop.set()
for thread in clients:
    thread.join()
retries_update = sum(retries for _, _, retries, _ in journal) - so_far
print("Répliques neuves :", len(renewed))
print("Reprises pendant la mise à jour :", retries_update)
# --8<-- [end:update]


# --8<-- [start:count]
def throughput(since, until):
    """Images lues par seconde entre deux instants."""
    done = sum(right and since <= t < until for t, right, _, _ in journal)
    return done * PAGE / (until - since)


throughput_2 = throughput(calm, killed_at)
throughput_1 = throughput(settled, node_added_at)
n_requests = len(journal)
n_failed = sum(not right for _, right, _, _ in journal)
n_retries = sum(retries for _, _, retries, _ in journal)
n_touched = sum(retries > 0 for _, _, retries, _ in journal)
recovery_replica = replica_back - killed_at
recovery_node = node_back - node_added_at
print("Réponses fausses ou jamais venues :", n_failed)
# --8<-- [end:count]

# --8<-- [start:timeline]
STEP = 0.5  # secondes par marche
first_node = cluster.head_node.node_id
names = {
    first_node: "premier nœud",
    second_node.node_id: "second nœud",
    third_node.node_id: "troisième nœud",
}
edges = np.arange(0, updated_at - began + 1, STEP)
fig, ax = plt.subplots(figsize=(7.2, 3.2))
for node, name in names.items():
    times = [
        moment - began
        for moment, right, _, answer in journal
        if right and answer["node"] == node
    ]
    counts, _ = np.histogram(times, edges)
    ax.step(edges[:-1], counts / STEP, where="post", label=name)
for moment in (killed_at, node_killed_at, node_back):
    ax.axvline(moment - began, linestyle=":", color="gray")
ax.set_xlabel("secondes")
ax.set_ylabel("pages lues par seconde")
ax.legend()
plt.show()
# --8<-- [end:timeline]

# --8<-- [start:shutdown]
family = psutil.Process().children(recursive=True)
serve.shutdown()
ray.shutdown()
cluster.shutdown()
_, left = psutil.wait_procs(family, timeout=20)
print("Processus encore là :", len(left))
# --8<-- [end:shutdown]

# --8<-- [start:check]
assert accuracy > 0.85
assert len(before) == 2 and len(set(before.values())) == 2
assert refused is None and insisted == 0
assert n_requests > 100, "trop peu de trafic pour conclure"
assert len(finished) == N_CLIENTS, "un client s'est arrêté sans le dire"
assert n_failed == 0, "un client patient ne perd rien"
assert n_retries > 0, "deux pannes sans une reprise : rien n'a été tué"
assert len(alone) == 1 and len(both) == 2
assert len(renewed) == 2 and retries_update == 0
assert not left
print("Tout est vrai.")
# --8<-- [end:check]
