# --8<-- [start:imports]
import os
import signal
import tempfile
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
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # garder pour lui les avis de décès
    # Ne pas passer après les autres programmes, laisser le temps de démarrer
    "RAY_worker_niceness": "0",
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "300",
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",  # nos nœuds sont à nous
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.5",  # guetter les morts
    "HOME": home.name,
}
# Sans ce fichier, Ray demande à l'hébergeur le nom de son nuage
config = Path(home.name) / "ray_bootstrap_config.yaml"
config.write_text("provider: {type: local}")

import ray
import torch
import torch.distributed as dist
from ray import train
from ray.cluster_utils import Cluster
from ray.train.torch import TorchTrainer, prepare_model
from torch import nn
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
    """Tue ce processus net, une fois noté le dernier point de reprise."""
    train.get_all_reported_checkpoints()  # attend que Ray les ait notés
    os.kill(os.getpid(), signal.SIGKILL)


# --8<-- [end:epoch]


# --8<-- [start:worker]
def train_worker(config):
    """Ce que fait chaque ouvrier, à sa première vie comme aux suivantes."""
    context = train.get_context()
    rank, world = context.get_world_rank(), context.get_world_size()
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, 0.9)
    first_epoch, losses = 0, []
    checkpoint = train.get_checkpoint()
    if checkpoint is not None:
        with checkpoint.as_directory() as folder:
            state = torch.load(Path(folder) / "state.pt")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first_epoch, losses = state["epoch"] + 1, state["losses"]
    replica, images = prepare_model(model), ray.get(config["images"])
    for epoch in range(first_epoch, EPOCHS):
        crash = rank == 1 and checkpoint is None
        found = train_epoch(
            epoch, replica, optimizer, images, rank, world, crash
        )
        dist.all_reduce(found)
        losses += (found / world).tolist()
        with tempfile.TemporaryDirectory() as folder:
            new = None
            if rank == 0:
                state = {"epoch": epoch, "losses": losses}
                state["model"] = model.state_dict()
                state["optimizer"] = optimizer.state_dict()
                torch.save(state, Path(folder) / "state.pt")
                new = train.Checkpoint.from_directory(folder)
            train.report({"loss": losses[-1]}, checkpoint=new)
    nodes = [None] * world
    dist.all_gather_object(nodes, ray.get_runtime_context().get_node_id())
    return {"losses": losses, "first_epoch": first_epoch, "nodes": nodes}


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
trainer = TorchTrainer(
    train_worker,
    train_loop_config={"images": ray.put(images)},
    scaling_config=train.ScalingConfig(num_workers=2),
    run_config=train.RunConfig(
        storage_path=str(Path("shared").resolve()),
        failure_config=train.FailureConfig(max_failures=3),
        checkpoint_config=train.CheckpointConfig(num_to_keep=1),
    ),
)
report = trainer.fit().return_value
ray.shutdown()
cluster.shutdown()
home.cleanup()

losses, first_epoch = report["losses"], report["first_epoch"]
n_used = len(set(report["nodes"]))
gap = max(abs(a - b) for a, b in zip(alone, losses))
print(f"Dernière vie : {first_epoch} époque retrouvée")
print(f"Nœuds occupés par les ouvriers : {n_used}")
print(f"Plus grand écart avec un processus seul : {gap:.1e}")
# --8<-- [end:run]

# --8<-- [start:check]
assert n_nodes == 2 and n_used == 2, "un seul nœud a travaillé"
assert first_epoch == 1, "pas de reprise"
assert len(losses) == n_steps, "corrections perdues"
assert gap < 1e-3, "la grappe ne suit pas un processus seul"
print("Tout est vrai.")
# --8<-- [end:check]
