"""Chargé par tout interpréteur lancé dans le bac à sable : coupe le réseau, fournit les données.

Actif seulement si `PROOF_NETWORK_LOG` est défini ; les processus enfants en héritent par `PYTHONPATH`.
"""

import gzip
import importlib.abc
import importlib.machinery
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

LOCAL_HOSTS = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", socket.gethostname()}


def cut_network(event: str, args: tuple[Any, ...]) -> None:
    """Refuse et consigne toute tentative de sortir de la machine (crochet d'audit de Python)."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name not in LOCAL_HOSTS:
        with Path(os.environ["PROOF_NETWORK_LOG"]).open("a", encoding="utf-8") as log:
            log.write(f"{name}\n")
        raise ConnectionRefusedError(f"réseau coupé pendant la vérification : {name}")


def data_folder(name: str) -> str:
    """Dossier où le bac à sable a déposé un jeu de données déclaré par l'exemple."""
    folder = os.environ.get(f"PROOF_{name.upper()}")
    if folder is None:
        raise ConnectionRefusedError(f'données non déclarées : ajouter data = ["{name}"] à example.toml')
    return folder


def mnist_for_keras(module: Any) -> None:
    """Fait lire à `keras.datasets.mnist` les données du dépôt au lieu de les télécharger."""
    module.get_file = lambda *args, **options: data_folder("mnist") + "/mnist.npz"


def fashion_mnist_for_keras(module: Any) -> None:
    """Fait lire à `keras.datasets.fashion_mnist` les fichiers déjà là au lieu de les télécharger."""
    module.get_file = lambda name, **options: data_folder("fashion_mnist") + "/" + name


def mnist_for_torchvision(module: Any) -> None:
    """Fait « télécharger » à `MNIST` et à `FashionMNIST`, de torchvision, les fichiers IDX déjà là."""
    names = {"MNIST": "mnist", "FashionMNIST": "fashion_mnist"}

    def download(dataset: Any) -> None:
        source = data_folder(names[type(dataset).__name__])
        shutil.copytree(source + "/idx", dataset.raw_folder, dirs_exist_ok=True)

    module.MNIST.download = download


def titanic_for_sklearn(module: Any) -> None:
    """Fait lire à `fetch_openml(data_id=40945)` (Titanic) la copie que scikit-learn installe pour ses tests."""
    folder = Path(module.__file__).parent / "tests/data/openml/id_40945"
    names = {
        "data/40945": "api-v1-jd-40945.json.gz",
        "data/features/40945": "api-v1-jdf-40945.json.gz",
        "data/qualities/40945": "api-v1-jdq-40945.json.gz",
        "download/16826755": "data-v1-dl-16826755.arff.gz",
    }

    def open_url(url: str, *args: Any, **options: Any) -> Any:
        found = [name for part, name in names.items() if part in url]
        if not found:
            raise ConnectionRefusedError(f"réseau coupé pendant la vérification : {url}")
        return gzip.open(folder / found[0], "rb")

    module._open_openml_url = open_url


PATCHES: dict[str, Callable[[Any], None]] = {
    "keras.src.datasets.mnist": mnist_for_keras,
    "keras.src.datasets.fashion_mnist": fashion_mnist_for_keras,
    "torchvision.datasets.mnist": mnist_for_torchvision,
    "sklearn.datasets._openml": titanic_for_sklearn,
}


class PatchLoader(importlib.abc.Loader):
    """Charge un module par son chargeur habituel, puis lui applique sa retouche."""

    def __init__(self, loader: Any, patch: Callable[[Any], None]) -> None:
        self.loader, self.patch = loader, patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Délègue la création du module."""
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Exécute le module, puis la retouche."""
        self.loader.exec_module(module)
        self.patch(module)


class PatchFinder(importlib.abc.MetaPathFinder):
    """Repère à l'importation les modules de `PATCHES`."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Rend la description habituelle du module, chargeur retouché."""
        if name not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = PatchLoader(spec.loader, PATCHES[name])
        return spec


if "PROOF_NETWORK_LOG" in os.environ:
    sys.addaudithook(cut_network)
    sys.meta_path.insert(0, PatchFinder())

if "PROOF_LINES" in os.environ:  # processus lancé par le script : ses lignes comptent
    import proof_lines

    proof_lines.watch_child()
