# --8<-- [start:imports]
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

# Ray lit ces réglages quand on l'importe. Un chemin court : le nom d'une
# prise locale est limité à une centaine d'octets.
home = tempfile.TemporaryDirectory(
    prefix="r", dir="/tmp", ignore_cleanup_errors=True
)
os.environ |= {
    "RAY_TMPDIR": home.name,
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # n'écouter que cette machine
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_REPORT_URL": "http://localhost:9",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # `run` s'occupe des pannes
    "RAY_worker_niceness": "0",  # ne pas passer après les autres programmes
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # et dit lui-même ce qui est arrivé
    "HOME": home.name,
}
# Sans ce fichier, Ray demande à l'hébergeur le nom de son nuage
config = Path(home.name) / "ray_bootstrap_config.yaml"
config.write_text("provider: {type: local}")

import ray
import torch
import torch.distributed as dist
from ray.cluster_utils import Cluster
from ray.exceptions import RayError
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset
from torchvision import datasets

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
N_IMAGES = 4096
GLOBAL_BATCH = 128  # images par correction, tous nœuds réunis
EPOCHS = 3
LEARNING_RATE = 0.1
CRASH = (1, 10)  # époque et correction où un ouvrier sera tué

torch.set_num_threads(1)
loss_fn = nn.CrossEntropyLoss()


def make_model():
    torch.manual_seed(SEED)
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


# --8<-- [end:settings]


# --8<-- [start:epoch]
def train_epoch(epoch, model, optimizer, images, rank, world, crash=False):
    """Une époque de ce rang ; rend sa perte à chaque correction."""
    sampler = DistributedSampler(images, world, rank, seed=SEED)
    sampler.set_epoch(epoch)
    losses = []
    for batch in DataLoader(images, GLOBAL_BATCH // world, sampler=sampler):
        if crash and (epoch, len(losses)) == CRASH:
            power_cut()
        loss = loss_fn(model(batch[0]), batch[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def power_cut():
    """Tue ce processus net, comme une machine que l'on débranche."""
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
    time.sleep(60)


# --8<-- [end:epoch]


# --8<-- [start:worker]
@ray.remote(num_cpus=1)
class Worker:
    """Un ouvrier : Ray crée ce processus sur le nœud qui a la place."""

    def train(self, rank, world, folder, attempt, images):
        torch.set_num_threads(1)
        meeting = f"file://{folder}/rendez-vous-{attempt}"
        dist.init_process_group("gloo", meeting, rank=rank, world_size=world)
        model = make_model()
        optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, 0.9)
        state = {"epoch": -1, "losses": []}
        path = Path(folder) / "checkpoint.pt"
        if path.exists():
            state = torch.load(path)
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
        first_epoch, losses = state["epoch"] + 1, state["losses"]
        replica = DistributedDataParallel(model)
        for epoch in range(first_epoch, EPOCHS):
            crash = rank == 1 and attempt == 0
            found = train_epoch(
                epoch, replica, optimizer, images, rank, world, crash
            )
            dist.all_reduce(found)
            losses += (found / world).tolist()
            if rank == 0:
                state = {"epoch": epoch, "losses": losses}
                state["model"] = model.state_dict()
                state["optimizer"] = optimizer.state_dict()
                torch.save(state, path.with_suffix(".part"))
                path.with_suffix(".part").replace(path)
            dist.barrier()
        dist.destroy_process_group()
        node = ray.get_runtime_context().get_node_id()
        return {"first_epoch": first_epoch, "losses": losses, "node": node}


# --8<-- [end:worker]

# --8<-- [start:alone]
train_data = datasets.MNIST("data", train=True, download=True)
pixels = train_data.data[:N_IMAGES].reshape(-1, 784).float() / 255
images = TensorDataset(pixels, train_data.targets[:N_IMAGES])

model = make_model()
optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, 0.9)
alone = []
for epoch in range(EPOCHS):
    alone += train_epoch(epoch, model, optimizer, images, 0, 1).tolist()
n_steps = len(alone)
print(f"{n_steps} corrections")
print(f"Perte : {alone[0]:.4f} au début, {alone[-1]:.4f} à la fin")
# --8<-- [end:alone]

# --8<-- [start:cluster]
node = {"num_cpus": 1, "include_dashboard": False}
head = node | {"no_monitor": True}  # aucun nœud ajouté d'office
cluster = Cluster(initialize_head=True, head_node_args=head)
cluster.add_node(**node)
ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
n_nodes = sum(found["Alive"] for found in ray.nodes())
n_places = int(ray.cluster_resources()["CPU"])
print(f"{n_nodes} nœuds, {n_places} places d'ouvrier")
# --8<-- [end:cluster]


# --8<-- [start:run]
def run(attempt, world=2):
    """Un essai à deux ouvriers ; rend leurs rapports, ou rien."""
    folder = str(Path("shared").resolve())
    workers = [Worker.remote() for _ in range(world)]
    reports = [
        worker.train.remote(rank, world, folder, attempt, shared_images)
        for rank, worker in enumerate(workers)
    ]
    try:
        return ray.get(reports)
    except RayError:
        print(f"Essai {attempt} : un ouvrier est mort")
        return None
    finally:
        time.sleep(0.2)  # le temps que les survivants finissent d'écrire
        for worker in workers:
            ray.kill(worker)


Path("shared").mkdir()
shared_images = ray.put(images)  # une fois pour toutes, dans la grappe
attempt, reports = 0, None
while reports is None and attempt < 3:
    reports = run(attempt)
    attempt += 1
ray.shutdown()
cluster.shutdown()
home.cleanup()

losses, first_epoch = reports[0]["losses"], reports[0]["first_epoch"]
n_used = len({report["node"] for report in reports})
gap = max(abs(a - b) for a, b in zip(alone, losses))
print(f"Essai {attempt - 1} : {first_epoch} époque retrouvée")
print(f"Nœuds occupés par les ouvriers : {n_used}")
print(f"Plus grand écart avec un processus seul : {gap:.1e}")
# --8<-- [end:run]

# --8<-- [start:check]
assert n_nodes == 2 and n_used == 2, "un seul nœud a travaillé"
assert attempt == 2 and first_epoch == 1, "pas de reprise"
assert len(losses) == n_steps, "corrections perdues"
assert gap < 1e-3, "la grappe ne suit pas un processus seul"
print("Tout est vrai.")
# --8<-- [end:check]
