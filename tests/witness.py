"""Petit cours témoin, sans défaut : le sabotage en copie un exemplaire, y met une faute, et exige du rouge."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from mkdocs.exceptions import MkDocsException
from proof import audit, inline, ledger, notebook, pages, runner, site
from proof.project import ROOT, Fault, scripts

SCRIPT = """\
# --8<-- [start:imports]
import warnings

import matplotlib.pyplot as plt
# --8<-- [end:imports]

# --8<-- [start:compute]
def double(x):
    return 2 * x


total = double(21) / 100
print(f"total : {total:.3f}")
# --8<-- [end:compute]

# --8<-- [start:draw]
plt.plot([0, 1], [0, total])
plt.title("droite")
plt.show()
warnings.filterwarnings("default")
# --8<-- [end:draw]
"""
MANIFEST = """\
title = "Témoin"
time_limit = 60
notebook = "temoin-carnet.ipynb"
notebook_intro = "# Carnet témoin"

[sections]
imports = "Importer"
compute = "Calculer"
draw = "Dessiner"

[figures]
draw = "Une droite qui monte."

[measures]
total = 0.001

[tolerances]
compute = 0.001
"""
PAGE = """\
# Témoin

```python
--8<-- "temoin/demo.py:imports"
```

Le total vaut {{ mesure("temoin/demo", "total", ".2") }}.

```python
--8<-- "temoin/demo.py:compute"
```

```text
--8<-- "temoin/outputs/demo/compute.txt"
```

```python
--8<-- "temoin/demo.py:draw"
```

{{ figure("temoin/demo", "draw") }}

{{ tampon("temoin/demo") }}

Un calcul, puis une commande :

```python
somme = 1 + 1
assert somme == 2
```

```sh
echo bonjour
```

```{.sh data-run="non" data-pourquoi="cette commande exige un processeur graphique"}
nvidia-smi
```

[La règle](demarrer/verifie.md#regle)
"""
# Un petit projet : le script importe un module, et lance l'autre dans un processus qu'il tue net.
PROJECT = {
    "example.toml": 'title = "Usine"\ntime_limit = 60\nmodules = ["area", "worker"]\nhidden = ["launch"]\n',
    "area.py": "# --8<-- [start:area]\ndef area(side):\n    return side**2\n# --8<-- [end:area]\n",
    "worker.py": """\
# --8<-- [start:work]
import time

print("au travail", flush=True)
time.sleep(60)
# --8<-- [end:work]
""",
    "launch.py": """\
# --8<-- [start:launch]
import subprocess
import sys
import time
from pathlib import Path

from area import area

assert "taille" in Path(__file__).with_name("reglages.yaml").read_text()
worker = Path(__file__).with_name("worker.py")
child = subprocess.Popen([sys.executable, worker], stdout=subprocess.PIPE)
print(child.stdout.readline().decode().strip(), area(3))
time.sleep(1.5)
child.kill()
child.communicate()
# --8<-- [end:launch]
""",
    "reglages.yaml": "taille: 3\n",
}
PROJECT_PAGE = """\
# Usine

```python
--8<-- "usine/area.py:area"
```

{{ tampon("usine/area") }}

```python
--8<-- "usine/worker.py:work"
```

{{ tampon("usine/worker") }}

```yaml
--8<-- "usine/reglages.yaml"
```

Le tout : {{ archive("usine") }}.
"""
TERM = {"terme": "total", "definition": "une somme.", "lecon": "index.md"}
LESSON = """\
# Leçon

<div class="fiche" markdown>
**Durée** : 1 h · **Mis à jour** le 21 novembre 2026

**Objectifs** : compter.

**Prérequis** : aucun.
</div>

<svg viewBox="0 0 1 1" role="img"><title>Point</title></svg>

## À retenir

Compter.

## Quiz

{{ quiz() }}

## Exercice

Comptez.

## Suite

Fin.
"""
CHOICES = "".join(f"    - texte: choix {n}\n      explication: parce que.\n" for n in range(3))
QUIZ = f"- question: Laquelle ?\n  choix:\n{CHOICES}      juste: true\n" * 5


def create(root: Path) -> Path:
    """Crée le témoin dans `root`, exécute son exemple et enregistre ses sorties."""
    shutil.copytree(ROOT / "overrides", root / "overrides")
    shutil.copytree(ROOT / "tests/proof", root / "tests/proof", ignore=shutil.ignore_patterns("__pycache__"))
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    files = {
        "mkdocs.yml": re.sub(r"(?ms)^nav:.*?^(?=\w)", "", config),
        "docs/index.md": PAGE,
        "docs/ressources/glossaire.md": "# Glossaire\n\n{{ glossaire() }}\n",
        "docs/ressources/glossaire.yml": json.dumps([TERM]),
        "docs/module-1/lecon.md": LESSON,
        "docs/module-1/lecon.quiz.yml": QUIZ,
        "docs/demarrer/verifie.md": "# Vérifié\n\n## Règle\n\nTout est exécuté.\n",
        "snippets/temoin/demo.py": SCRIPT,
        "snippets/temoin/example.toml": MANIFEST,
        "docs/usine.md": PROJECT_PAGE,
        "tests/floor.toml": "proven_blocks = 8\n",
        "requirements.txt": "",
    } | {f"snippets/usine/{name}": text for name, text in PROJECT.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    record(root)
    return root


def record(root: Path) -> None:
    """Équivalent de `make outputs` pour le témoin."""
    for script in scripts(root):
        ledger.write(script, runner.run(script, say=lambda text: None))
        if "notebook" in script.manifest:
            notebook.write(script, notebook.run(script))


def verdict(root: Path, after_build: str = "") -> list[Fault]:
    """Défauts trouvés par toute la chaîne ; s'arrête à la première étape qui en trouve.

    `after_build` : texte à retirer du HTML de l'accueil une fois le site construit (site retouché).
    """
    faults = audit.check_sources(root)
    for script in [] if faults else scripts(root):
        try:
            faults += ledger.compare(script, runner.run(script, say=lambda text: None))
            if "notebook" in script.manifest:
                faults += notebook.compare(script, notebook.run(script))
        except runner.RunFailure as failure:
            faults.append(Fault("exécution", str(failure), ""))
    if faults:
        return faults
    try:
        built = site.build(root, root / "site")
    except (MkDocsException, Exception, SystemExit) as error:
        return [Fault("construction", f"{type(error).__name__} : {error}", "")]
    if after_build:
        index = built / "index.html"
        html = index.read_text(encoding="utf-8")
        assert after_build in html, "le sabotage ne trouve pas ce qu'il doit retoucher"
        index.write_text(html.replace(after_build, "autre"), encoding="utf-8")
    faults = audit.audit_site(root, built)
    texts = site.expand(root)
    for path in [] if any("floor" not in fault.where for fault in faults) else pages.markdown_files(root):
        name = path.relative_to(root).as_posix()
        faults += inline.run_python(path, root, texts[name]) + inline.run_shell(path, root, texts[name])
    return faults
