# --8<-- [start:imports]
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

# --8<-- [end:imports]

# --8<-- [start:settings]
SEED = 42
N_IMAGES = 4096
GLOBAL_BATCH = 128  # images par correction, tous processus réunis
EPOCHS = 3
LEARNING_RATE = 0.1
CRASH = (1, 10)  # époque et correction où un processus sera tué

torch.set_num_threads(1)  # un fil de calcul par processus
loss_fn = nn.CrossEntropyLoss()


def make_model():
    torch.manual_seed(SEED)
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


# --8<-- [end:settings]


# --8<-- [start:data]
def load_images():
    return TensorDataset(*torch.load("images.pt"))


def make_loader(images, batch_size, rank, world):
    """Donne à chaque rang sa part d'images, et sa part du lot."""
    sampler = DistributedSampler(images, world, rank, seed=SEED)
    loader = DataLoader(images, batch_size // world, sampler=sampler)
    return sampler, loader


# --8<-- [end:data]


# --8<-- [start:checkpoint]
def save(path, epoch, model, optimizer, losses):
    """Écrit à côté, puis remplace : jamais de fichier à moitié écrit."""
    state = {
        "epoch": epoch,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "losses": losses,
    }
    draft = path.with_suffix(".part")
    torch.save(state, draft)
    draft.replace(path)


def resume(path, model, optimizer):
    """Reprend le dernier point de reprise ; rend l'époque et les pertes."""
    if not path.exists():
        return 0, []
    state = torch.load(path)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["epoch"] + 1, state["losses"]


# --8<-- [end:checkpoint]


# --8<-- [start:train]
def train(name, batch_size, rank=0, world=1, hook=None, crash=False):
    """Entraîne une réplique ; rend la perte de chaque correction."""
    path = Path(f"{name}.pt")
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, 0.9)
    first_epoch, losses = resume(path, model, optimizer)
    sampler, loader = make_loader(load_images(), batch_size, rank, world)
    replica = DistributedDataParallel(model) if world > 1 else model
    if hook:
        replica.register_comm_hook(None, hook)
    for epoch in range(first_epoch, EPOCHS):
        sampler.set_epoch(epoch)  # un nouvel ordre, le même pour tous
        for step, (images, labels) in enumerate(loader):
            if crash and (epoch, step) == CRASH:
                power_cut()
            loss = loss_fn(replica(images), labels)
            optimizer.zero_grad()
            loss.backward()  # DDP y fait la moyenne des gradients
            optimizer.step()
            losses.append(average(loss.detach(), world))
        if rank == 0:  # un seul rang écrit…
            save(path, epoch, model, optimizer, losses)
        if world > 1:  # … et tous attendent que ce soit fait
            dist.barrier()
    return losses


def average(loss, world):
    """Moyenne de la perte sur tous les rangs : celle du lot global."""
    if world > 1:
        dist.all_reduce(loss)
    return loss.item() / world


# --8<-- [end:train]


# --8<-- [start:crash]
def power_cut():
    """Tue ce processus net, comme une machine que l'on débranche."""
    blow = getattr(signal, "SIGKILL", signal.SIGTERM)  # absent de Windows
    threading.Timer(1, os.kill, (os.getpid(), blow)).start()
    time.sleep(60)


# --8<-- [end:crash]


# --8<-- [start:hook]
traffic = {"bytes": 0, "seconds": 0.0}


def count_traffic(state, bucket):
    """Fait ce que DDP fait seul : sommer, diviser ; et compte."""
    gradients = bucket.buffer()
    began = time.perf_counter()
    dist.all_reduce(gradients)  # la somme, sur tous les rangs
    traffic["seconds"] += time.perf_counter() - began
    traffic["bytes"] += gradients.numel() * gradients.element_size()
    done = torch.futures.Future()
    done.set_result(gradients / dist.get_world_size())  # la moyenne
    return done


# --8<-- [end:hook]


# --8<-- [start:norm]
def normalize_apart(rank, world):
    """Moyennes vues par la normalisation de chaque rang, et du lot entier."""
    images = load_images().tensors[0][:GLOBAL_BATCH]
    share = len(images) // world
    replica = DistributedDataParallel(
        nn.Sequential(nn.BatchNorm1d(784, momentum=1), nn.Linear(784, 10))
    )
    replica(images[rank * share : (rank + 1) * share])
    mine = replica.module[0].running_mean
    seen = [torch.zeros(784) for _ in range(world)]
    dist.all_gather(seen, mine)
    return {
        "ranks": (seen[0] - seen[1]).abs().max().item(),
        "whole": (seen[0] - images.mean(dim=0)).abs().max().item(),
        "mean": (sum(seen) / world - images.mean(dim=0)).abs().max().item(),
    }


# --8<-- [end:norm]

# --8<-- [start:worker]
if "RANK" in os.environ:  # lancé par torchrun : ce processus est un ouvrier
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    restart = int(os.environ["TORCHELASTIC_RESTART_COUNT"])
    first_life = not Path("normal.json").exists()
    if first_life:  # d'abord, ce qui se passe bien
        report = {
            "losses": train("deux", GLOBAL_BATCH, rank, world, count_traffic),
            "traffic": dict(traffic),
            "large": train("grand", GLOBAL_BATCH * world, rank, world),
            "norm": normalize_apart(rank, world),
        }
        if rank == 0:
            Path("normal.json").write_text(json.dumps(report))
    crash = first_life and rank == 1
    losses = train("panne", GLOBAL_BATCH, rank, world, None, crash)
    if rank == 0:
        report = {"restart": restart, "losses": losses}
        Path("panne.json").write_text(json.dumps(report))
    dist.destroy_process_group()
    sys.exit()
# --8<-- [end:worker]

# --8<-- [start:alone]
# Importées ici : les ouvriers, eux, n'en ont pas besoin
import matplotlib.pyplot as plt
from torchvision import datasets

train_data = datasets.MNIST("data", train=True, download=True)
pixels = train_data.data[:N_IMAGES].reshape(-1, 784).float() / 255
torch.save([pixels, train_data.targets[:N_IMAGES]], "images.pt")

alone = train("seul", GLOBAL_BATCH)
n_parameters = sum(p.numel() for p in make_model().parameters())
n_steps = len(alone)
print(f"{n_parameters} paramètres, {n_steps} corrections")
print(f"Perte : {alone[0]:.4f} au début, {alone[-1]:.4f} à la fin")
# --8<-- [end:alone]

# --8<-- [start:launch]
# Relancer ce fichier en deux ouvriers, et attendre leurs rapports
command = [sys.executable, "-m", "torch.distributed.run"]
command += ["--standalone", "--nproc-per-node=2", "--max-restarts=3"]
subprocess.run(
    [*command, __file__],
    check=True,
    capture_output=True,
    # Un carnet d'adresses neuf à chaque vie : voir la leçon
    env=os.environ | {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"},
)
together = json.loads(Path("normal.json").read_text())
gap = max(abs(a - b) for a, b in zip(alone, together["losses"]))
print("correction   un processus   deux processus")
for step in range(0, n_steps, 19):
    print(f"{step:10} {alone[step]:14.4f} {together['losses'][step]:16.4f}")
print(f"Plus grand écart entre les deux courbes : {gap:.1e}")
# --8<-- [end:launch]

# --8<-- [start:cost]
traffic = together["traffic"]
bytes_per_step = traffic["bytes"] // n_steps
allreduce_ms = traffic["seconds"] / n_steps * 1000
print(f"{n_parameters} paramètres × 4 octets = {n_parameters * 4}")
print(f"Octets remis à l'all-reduce, par correction : {bytes_per_step}")
# --8<-- [end:cost]

# --8<-- [start:failure]
after_crash = json.loads(Path("panne.json").read_text())
n_restarts = after_crash["restart"]
crash_gap = max(
    abs(a - b) for a, b in zip(together["losses"], after_crash["losses"])
)
print(f"Relances : {n_restarts}")
print(f"Corrections dans la courbe : {len(after_crash['losses'])}")
print(f"Plus grand écart avec l'essai sans panne : {crash_gap:.1e}")
# --8<-- [end:failure]

# --8<-- [start:curves]
figure, axes = plt.subplots(figsize=(8, 3.6))
axes.plot(alone, linewidth=5, alpha=0.35, label="un processus")
axes.plot(after_crash["losses"], label="deux processus, dont un tué")
steps = range(0, n_steps, 2)
axes.plot(steps, together["large"], "--", label="deux lots de 128")
axes.set(xlabel="correction de l'essai à un processus", ylabel="perte")
axes.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:set_epoch]
sampler = DistributedSampler(range(N_IMAGES), 2, 0, seed=SEED)
forgotten = [list(sampler)[:5] for _ in range(EPOCHS)]  # sans set_epoch
renewed = []
for epoch in range(EPOCHS):
    sampler.set_epoch(epoch)
    renewed.append(list(sampler)[:5])
    print(f"Époque {epoch} : {forgotten[epoch]} · {renewed[epoch]}")
# --8<-- [end:set_epoch]


# --8<-- [start:mean]
def gradient(images, labels):
    model = make_model()
    loss_fn(model(images), labels).backward()
    return model[0].weight.grad


images, labels = load_images()[:GLOBAL_BATCH]
whole = gradient(images, labels)


def difference(cut, combine):
    """Écart relatif au gradient du lot entier, lot coupé en `cut`."""
    parts = gradient(images[:cut], labels[:cut])
    others = gradient(images[cut:], labels[cut:])
    found = combine(parts, others)
    return ((found - whole).norm() / whole.norm()).item()


mean_gap = difference(64, lambda a, b: (a + b) / 2)
sum_gap = difference(64, lambda a, b: a + b)
uneven_gap = difference(96, lambda a, b: (a + b) / 2)
print(f"Moyenne de deux moitiés égales : {mean_gap:.1e}")
print(f"Somme de deux moitiés égales   : {sum_gap:.2f}")
print(f"Moyenne de 96 et 32 images     : {uneven_gap:.2f}")
# --8<-- [end:mean]

# --8<-- [start:large]
large_alone = train("seul_grand", GLOBAL_BATCH * 2)
large_gap = max(abs(a - b) for a, b in zip(large_alone, together["large"]))
n_large = len(together["large"])
print(f"Corrections par époque : {n_large // EPOCHS}")
print(f"Écart avec un processus et des lots de 256 : {large_gap:.1e}")
# --8<-- [end:large]

# --8<-- [start:norm_result]
norm = together["norm"]
print(f"Entre les deux rangs      : {norm['ranks']:.2f}")
print(f"Entre un rang et le lot   : {norm['whole']:.2f}")
print(f"Entre leur moyenne et lui : {norm['mean']:.1e}")
# --8<-- [end:norm_result]

# --8<-- [start:check]
assert gap < 1e-3, "deux processus ne suivent pas un seul"
assert len(after_crash["losses"]) == n_steps and n_restarts >= 1
assert crash_gap < 1e-6, "la panne a laissé une trace"
assert bytes_per_step == n_parameters * 4, "octets inattendus"
assert len(set(map(tuple, forgotten))) == 1, "set_epoch servirait à rien"
assert len(set(map(tuple, renewed))) == EPOCHS, "ordres répétés"
assert mean_gap < 1e-5 < 0.9 < sum_gap < 1.1 and uneven_gap > 0.01
assert large_gap < 1e-3 and n_large == n_steps // 2
assert norm["ranks"] > 0.01 and norm["mean"] < 1e-5
print("Tout est vrai.")
# --8<-- [end:check]
