# --8<-- [start:imports]
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
N_IMAGES = 4096
GLOBAL_BATCH = 128  # images par correction, tous processus réunis
EPOCHS = 3
LEARNING_RATE = 0.1
CRASH = (1, 10)  # époque et correction où un processus sera tué

# L'ouvrier lit sa place dans TF_CONFIG, avant tout autre calcul
if "TF_CONFIG" in os.environ:
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    rank = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
else:
    strategy = tf.distribute.get_strategy()  # un seul processus
    rank = 0
world = strategy.num_replicas_in_sync
keras.utils.set_random_seed(SEED)
# --8<-- [end:settings]

# --8<-- [start:data]
(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train[:N_IMAGES].reshape(-1, 784).astype("float32") / 255
y_train = y_train[:N_IMAGES].astype("int64")


def batches(epoch):
    """Part de ce rang dans chaque lot ; même ordre tiré par tous."""
    order = np.random.default_rng((SEED, epoch)).permutation(N_IMAGES)
    for start in range(0, N_IMAGES, GLOBAL_BATCH):
        mine = order[start : start + GLOBAL_BATCH][rank::world]
        yield tf.constant(x_train[mine]), tf.constant(y_train[mine])


# --8<-- [end:data]

# --8<-- [start:define]
with strategy.scope():  # chaque variable aura sa copie sur chaque rang
    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    optimizer = keras.optimizers.SGD(LEARNING_RATE, momentum=0.9)
    optimizer.build(model.trainable_variables)
n_parameters = model.count_params()
loss_fn = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, reduction="sum"
)
# --8<-- [end:define]


# --8<-- [start:checkpoint]
def variables():
    return [*model.variables, *optimizer.variables]


def save(epoch, losses):
    """Écrit à côté, puis remplace : jamais de fichier à moitié écrit."""
    values = {str(i): v.numpy() for i, v in enumerate(variables())}
    np.savez("draft.npz", epoch=epoch, losses=losses, **values)
    Path("draft.npz").replace("checkpoint.npz")


def resume():
    """Reprend le dernier point de reprise ; rend l'époque et les pertes."""
    if not Path("checkpoint.npz").exists():
        return 0, []
    with np.load("checkpoint.npz") as saved:
        for i, variable in enumerate(variables()):
            variable.assign(saved[str(i)])
        return int(saved["epoch"]) + 1, saved["losses"].tolist()


# --8<-- [end:checkpoint]

# --8<-- [start:step]
traffic = {}


def replica_step(images, labels):
    """Le travail d'un rang : sa part du lot, ses gradients."""
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = loss_fn(labels, logits) / GLOBAL_BATCH
    gradients = tape.gradient(loss, model.trainable_variables)
    sizes = [g.shape.num_elements() * g.dtype.size for g in gradients]
    traffic["bytes"] = sum(sizes)
    optimizer.apply(gradients)  # somme les gradients de tous les rangs
    return loss


@tf.function(autograph=False)
def train_step(images, labels):
    parts = strategy.run(replica_step, args=(images, labels))
    return strategy.reduce("SUM", parts, axis=None)


# --8<-- [end:step]


# --8<-- [start:train]
def train(crash=False):
    """Entraîne cette réplique ; rend l'époque de reprise et les pertes."""
    first_epoch, losses = resume()
    for epoch in range(first_epoch, EPOCHS):
        for step, (images, labels) in enumerate(batches(epoch)):
            if crash and (epoch, step) == CRASH:
                power_cut()
            losses.append(float(train_step(images, labels)))
        if world > 1 and rank == 0:
            save(epoch, losses)
    return first_epoch, losses


# --8<-- [end:train]


# --8<-- [start:crash]
def power_cut():
    """Tue ce processus net, comme une machine que l'on débranche."""
    blow = getattr(signal, "SIGKILL", signal.SIGTERM)  # absent de Windows
    threading.Timer(1, os.kill, (os.getpid(), blow)).start()
    time.sleep(60)


# --8<-- [end:crash]


# --8<-- [start:allreduce]
@tf.function(autograph=False)
def exchange():
    parts = strategy.run(lambda: tf.ones(n_parameters))
    return strategy.reduce("SUM", parts, axis=None)


def time_exchange(repeats=30):
    """Secondes d'un échange de la taille des gradients, en moyenne."""
    total = exchange()
    began = time.perf_counter()
    for _ in range(repeats):
        exchange()
    return float(total[0]), (time.perf_counter() - began) / repeats


# --8<-- [end:allreduce]


# --8<-- [start:fit]
def try_fit():
    """Nom de l'erreur que lève `fit` avec cette stratégie."""
    pairs = (x_train[:GLOBAL_BATCH], y_train[:GLOBAL_BATCH])
    dataset = tf.data.Dataset.from_tensor_slices(pairs).batch(64)
    model.compile(optimizer, loss_fn)
    try:
        model.fit(dataset, verbose=0)
    except ValueError as error:
        return f"{type(error).__name__}, {str(error)[:40]}…"


# --8<-- [end:fit]

# --8<-- [start:worker]
if "TF_CONFIG" in os.environ:
    first_epoch, losses = train(crash=rank == 1 and sys.argv[1] == "0")
    report = {"first_epoch": first_epoch, "losses": losses} | traffic
    report["sum"], report["seconds"] = time_exchange()
    report["fit"] = try_fit()
    if rank == 0:
        Path("report.json").write_text(json.dumps(report))
    sys.exit()
# --8<-- [end:worker]

# --8<-- [start:alone]
_, alone = train()
n_steps = len(alone)
print(f"{n_parameters} paramètres, {n_steps} corrections")
print(f"Perte : {alone[0]:.4f} au début, {alone[-1]:.4f} à la fin")
# --8<-- [end:alone]


# --8<-- [start:launch]
def free_port():
    """Un port que le système dit libre à cet instant."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def run_workers(attempt):
    """Lance deux ouvriers ; si l'un meurt, arrête l'autre."""
    cluster = {"worker": [f"localhost:{free_port()}" for _ in range(2)]}
    workers = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        place = json.dumps({"cluster": cluster, "task": task})
        workers.append(
            subprocess.Popen(
                [sys.executable, __file__, str(attempt)],
                env=os.environ | {"TF_CONFIG": place},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
    while None in (codes := [worker.poll() for worker in workers]):
        if any(codes):
            for worker in workers:
                worker.kill()
        time.sleep(0.1)
    return codes


attempts = 0
while any(run_workers(attempts)):
    attempts += 1
    assert attempts < 3, "trop de pannes"
    print(f"Un ouvrier est mort : relance numéro {attempts}")
report = json.loads(Path("report.json").read_text())
print("Époques retrouvées dans le point de reprise :", report["first_epoch"])
# --8<-- [end:launch]

# --8<-- [start:compare]
gap = max(abs(a - b) for a, b in zip(alone, report["losses"]))
print("correction   un processus   deux, dont un tué")
for step in range(0, n_steps, 19):
    print(f"{step:10} {alone[step]:14.4f} {report['losses'][step]:19.4f}")
print(f"Plus grand écart entre les deux courbes : {gap:.1e}")
# --8<-- [end:compare]

# --8<-- [start:cost]
allreduce_ms = report["seconds"] * 1000
print(f"{n_parameters} paramètres × 4 octets = {n_parameters * 4}")
print(f"Octets de gradients par correction : {report['bytes']}")
# --8<-- [end:cost]

# --8<-- [start:fit_result]
print("fit :", report["fit"])
# --8<-- [end:fit_result]

# --8<-- [start:check]
assert attempts == 1 and report["first_epoch"] == 1, "pas de reprise"
assert len(report["losses"]) == n_steps, "corrections perdues"
assert gap < 1e-3, "deux processus ne suivent pas un seul"
assert report["bytes"] == n_parameters * 4, "octets inattendus"
assert "PerReplica" in report["fit"], "fit marche : écrire la leçon ainsi"
assert report["sum"] == 2, "la somme ne couvre pas les deux rangs"
print("Tout est vrai.")
# --8<-- [end:check]
