"""Contrôles négatifs : chaque faute glissée dans une copie du témoin doit être refusée, pour la bonne raison."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import partialmethod
from pathlib import Path

import jinja2
import nbformat
import pytest
import witness
from proof import inline, load, notebook, runner, site
from proof.project import ROOT, report, scripts, sha256

pytestmark = pytest.mark.cached("tests", "overrides", "mkdocs.yml", "pyproject.toml")
PAGE, SCRIPT = "docs/index.md", "snippets/temoin/demo.py"
LEDGER = "snippets/temoin/outputs/demo/ledger.json"
MANIFEST, OUTPUT = "snippets/temoin/example.toml", "snippets/temoin/outputs/demo/compute.txt"
LESSON, QUIZ = "docs/module-1/lecon.md", "docs/module-1/lecon.quiz.yml"
NOTEBOOK = "docs/temoin-carnet.ipynb"
HEAD = '```python\n--8<-- "temoin/demo.py:imports"\n```'
Change = Callable[[Path], object]


@pytest.fixture(scope="module", autouse=True)
def templates_compiled_once(shared_folder: Path) -> Iterator[None]:
    """Jinja garde les gabarits compilés : les traduire est la moitié de la construction d'un témoin."""
    (shared_folder / "jinja").mkdir(exist_ok=True)
    kept = jinja2.FileSystemBytecodeCache(str(shared_folder / "jinja"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "__init__", partialmethod(jinja2.Environment.__init__, bytecode_cache=kept))
        yield


def add(text: str, name: str = PAGE) -> Change:
    """Ajoute un texte à la fin d'un fichier."""

    def change(root: Path) -> None:
        path = root / name
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text + "\n", encoding="utf-8")

    return change


def swap(old: str, new: str, name: str = PAGE) -> Change:
    """Remplace un texte d'un fichier ; le texte doit s'y trouver."""

    def change(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text, f"{name} ne contient pas {old!r}"
        (root / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def new(name: str, text: str) -> Change:
    """Crée un fichier."""

    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    return change


def both(first: Change, second: Change) -> Change:
    """Deux changements, l'un après l'autre."""
    return lambda root: (first(root), second(root))


def rerun(*changes: Change) -> Change:
    """Change puis enregistre de nouveau les sorties, comme le ferait `make outputs`."""

    def change(root: Path) -> None:
        for one in changes:
            one(root)
        witness.record(root)

    return change


def forge(root: Path, text: str = "0.990", old: str = "0.420") -> None:
    """Retouche une sortie et met son empreinte à jour dans le registre, pour masquer la retouche."""
    swap(old, text, OUTPUT)(root)
    files = json.loads((root / LEDGER).read_text(encoding="utf-8"))["files"]
    change_ledger(root, files=files | {"compute.txt": sha256((root / OUTPUT).read_bytes())[:16]})


def change_ledger(root: Path, **values: object) -> None:
    """Change des entrées du registre de l'exemple."""
    data = json.loads((root / LEDGER).read_text(encoding="utf-8"))
    (root / LEDGER).write_text(json.dumps(data | values), encoding="utf-8")


def decimal(root: Path) -> None:
    """Une section qui affiche une perte, puis une sortie et un registre retouchés pour en montrer une autre."""
    rerun(swap('print(f"total : {total:.3f}")', 'print("perte : 0.90")', SCRIPT))(root)
    forge(root, "0.10", "0.90")


def percent(root: Path) -> None:
    """Une section qui affiche un pourcentage, puis une sortie et un registre retouchés pour en montrer un autre."""
    rerun(swap('print(f"total : {total:.3f}")', 'print("exactitude : 97 %")', SCRIPT))(root)
    forge(root, "40", "97")


def raised_floor(root: Path) -> None:
    """Relève le plancher d'un bloc, pour que seule la vraie faute reste à voir."""
    swap("proven_blocks = 8", "proven_blocks = 9", "tests/floor.toml")(root)


def reseal(root: Path) -> None:
    """Met à jour l'empreinte des sorties du carnet, pour masquer une retouche."""
    content = nbformat.read(root / NOTEBOOK, as_version=4)
    notebook.save(root / NOTEBOOK, content)


def notebook_cell(key: str, value: object, section: str = "compute") -> Change:
    """Change une cellule du carnet publié."""

    def change(root: Path) -> None:
        data = json.loads((root / NOTEBOOK).read_text(encoding="utf-8"))
        next(cell for cell in data["cells"] if cell["id"] == f"code-{section}")[key] = value
        (root / NOTEBOOK).write_text(json.dumps(data), encoding="utf-8")

    return change


def append_code(code: str) -> Change:
    """Ajoute du code à la dernière section du script."""
    return swap('warnings.filterwarnings("default")', code, SCRIPT)


STREAM = {"output_type": "stream", "name": "stdout", "text": "total : 0.990\n"}
HTML = {"output_type": "display_data", "data": {"text/html": "<b>Exactitude : 99,9 %</b>"}, "metadata": {}}
ERROR = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "", "traceback": []}

FAULTS: dict[str, tuple[Change, str]] = {
    # pytest-codeblocks ignore ces blocs en silence : ils doivent tourner, ou être refusés.
    "bloc titré": (
        add('```python title="a.py"\n1 / 0\n```'),
        r"index\.md:43 .*(.|\n)*ZeroDivisionError",
    ),
    "bloc à lignes surlignées": (
        add('```python hl_lines="1"\nabsent\n```'),
        r"index\.md:43 (.|\n)*NameError",
    ),
    "en-tête entre accolades": (
        add("```{.python .x}\nabsent\n```"),
        r"index\.md:43 (.|\n)*NameError",
    ),
    "sortie inventée dans un projet": (
        both(new("snippets/usine/faux.txt", "total : 99\n"), add('```text\n--8<-- "usine/faux.txt"\n```')),
        r"index\.md:42 : texte d'un projet montré comme une sortie",
    ),
    "réponse JSON inventée dans un projet": (
        both(new("snippets/usine/faux.json", '{"total": 99}\n'), add('```json\n--8<-- "usine/faux.json"\n```')),
        r"index\.md:42 : faux\.json : fichier d'un projet qu'aucun test ne nomme",
    ),
    "script shell d'un projet jamais lancé": (
        both(new("snippets/usine/faux.sh", "false\n"), add('```sh\n--8<-- "usine/faux.sh"\n```')),
        r"index\.md:42 : faux\.sh : fichier d'un projet qu'aucun test ne nomme",
    ),
    "ligne d'un bloc jamais exécutée": (
        add("```python\ndef absente(x):\n    return inconnue(x)\n```"),
        r"index\.md:44 : ligne montrée mais jamais exécutée",
    ),
    "échec à gauche d'un « et »": (add("```sh\ncd dossier_absent && ls\n```\n\n```sh\ntrue\n```"), r"index\.md:42 "),
    "bloc shell qui arrête tout": (
        add("```sh\nexit 0\n```\n\n```sh\nfalse\n```"),
        r"index\.md:46 : commandes jamais atteintes",
    ),
    "document en ligne jamais refermé": (
        add("```sh\ncat > a.txt <<FIN\n```\n\n```sh\nfalse\n```"),
        r"index\.md:46 : commandes jamais atteintes",
    ),
    "réponse inventée dans un dossier de réponses": (
        both(new("snippets/usine/answers/a.txt", "total : 99\n"), add('```text\n--8<-- "usine/answers/a.txt"\n```')),
        r"index\.md:42 : texte d'un projet montré comme une sortie",
    ),
    "fichier du nom d'un autre": (
        both(new("snippets/usine/client.json", '{"total": 99}\n'), add('```json\n--8<-- "usine/client.json"\n```')),
        r"index\.md:42 : client\.json : fichier d'un projet qu'aucun test ne nomme",
    ),
    "langage py": (add("```py\n1 / 0\n```"), r"index\.md:42 .*« py » inconnu"),
    "langage pycon": (add("```pycon\n>>> 1 / 0\n```"), r"« pycon » inconnu"),
    "langage console": (add("```console\n$ false\n```"), r"« console » inconnu"),
    "sans langage": (add("```\n1 / 0\n```"), r"« absent » inconnu"),
    "clôture en tildes": (add("~~~python\n1 / 0\n~~~"), r"bloc publié sans preuve : « 1 / 0 »"),
    "bloc cité": (add("> ```python\n> 1 / 0\n> ```"), r"bloc publié sans preuve : « 1 / 0 »"),
    "bloc indenté": (add("Texte.\n\n    1 / 0"), r"bloc publié sans preuve : « 1 / 0 »"),
    "bloc en puce": (add("- ```python\n  1 / 0\n  ```"), r"index\.md:42 : blocs illisibles"),
    "bloc HTML": (add("<pre><code>1 / 0</code></pre>"), r"bloc publié sans preuve : « 1 / 0 »"),
    "fichier sauté": (
        swap("# Témoin", "<!--pytest-codeblocks:skipfile-->\n\n# Témoin"),
        r"montré par aucune page",
    ),
    "bloc sauté": (add("<!--pytest.mark.skip-->\n\n```python\n1 / 0\n```"), r"ZeroDivisionError"),
    "bloc avalé comme sortie": (
        add("<!--pytest-codeblocks:expected-output-->\n\n```python\n1 / 0\n```"),
        r"bloc publié sans preuve : « 1 / 0 »",
    ),
    "blocs fusionnés": (
        add("<!--pytest-codeblocks:cont-->\n\n```python\n1 / 0\n```"),
        r"bloc publié sans preuve|l'inclusion ne donne pas le texte exécuté",
    ),
    "état d'une autre page": (
        both(raised_floor, new("docs/autre.md", "# B\n\n```python\nprint(somme)\n```\n")),
        r"autre\.md:4 (.|\n)*NameError",
    ),
    "shell en échec": (add("```sh\nfalse\ntrue\n```"), r"index\.md:42 .*commande en échec"),
    "en-tête mal fermé": (
        add('```python title="a\n1 / 0\n```'),
        r"index\.md:42 : ce bloc n'est pas publié",
    ),
    # pymdownx.snippets laisse passer ces inclusions.
    "inclusion inconnue": (
        add('```python\n--8<-- "temoin/absent.py:x"\n```'),
        r"index\.md:42 .*inclusion inconnue",
    ),
    "inclusion hors bloc": (
        add('--8<-- "temoin/demo.py:compute"'),
        r"index\.md:42 : inclusion hors d'un bloc",
    ),
    "plage hors du fichier": (
        swap("demo.py:imports", "demo.py:90:95"),
        r"« 90:95 » n'est pas une section",
    ),
    "section inconnue": (
        swap("demo.py:imports", "demo.py:impor"),
        r"« impor » n'est pas une section",
    ),
    "fin de section absente": (
        swap("# --8<-- [end:draw]\n", "", SCRIPT),
        r"demo\.py:\d+ : marqueur \[end:draw\] absent",
    ),
    "section en double": (swap(":draw]", ":compute]", SCRIPT), r"section « compute » en double"),
    "section accentuée": (swap(":draw]", ":tracé]", SCRIPT), r"nom de section « tracé »"),
    "code hors section": (add("print(1)", SCRIPT), r"ligne hors de toute section"),
    "texte après l'inclusion": (
        swap('demo.py:imports"\n', 'demo.py:imports"\n1 / 0\n'),
        r"seule dans son bloc",
    ),
    "section oubliée": (swap(HEAD, ""), r"sections montrées \['compute', 'draw'\]"),
    "section répétée": (
        swap(HEAD, HEAD + "\n\n" + HEAD),
        r"sections montrées \['imports', 'imports'",
    ),
    "sections inversées": (both(swap(HEAD, ""), add(HEAD)), r"attendues"),
    # mkdocs-jupyter publie sans broncher un carnet qui échoue ou qui a vieilli.
    "1/0 dans un carnet": (
        notebook_cell("source", "1 / 0"),
        r"n'est plus celui que donne le script",
    ),
    "erreur dans un carnet": (notebook_cell("outputs", [ERROR]), r"contient une erreur"),
    "sortie de carnet retouchée": (
        notebook_cell("outputs", [STREAM]),
        r"les sorties du carnet ne sont pas celles de l'exécution",
    ),
    "sortie et empreinte de carnet retouchées": (
        both(notebook_cell("outputs", [STREAM]), reseal),
        r"code-compute : 0\.990 devient 0\.420",
    ),
    "figure de carnet retirée": (
        both(notebook_cell("outputs", [], "draw"), reseal),
        r"code-draw : sorties \[\], à la nouvelle exécution \[\('display_data'",
    ),
    "nombre en HTML dans un carnet": (
        both(notebook_cell("outputs", [HTML]), reseal),
        r"carnet\.ipynb:1 : sortie de carnet d'une nature inattendue",
    ),
    "carnet non déclaré": (new("docs/b.ipynb", "{}"), r"docs/b\.ipynb:1 : fichier publié sans preuve"),
    "script glissé dans docs": (new("docs/b.py", "1 / 0\n"), r"docs/b\.py:1 : fichier publié sans preuve"),
    "capture d'écran dans docs": (new("docs/b.png", "image"), r"docs/b\.png:1 : fichier publié sans preuve"),
    "image prise ailleurs dans le site": (
        add("![Courbe](snippets/temoin/outputs/demo/draw-1.light.svg){ .x }"),
        r"image sans preuve|construction : Abort",
    ),
    # La preuve elle-même.
    "fonction jamais appelée": (
        swap("double(21) / 100", "21 * 2 / 100", SCRIPT),
        r"modifié depuis|demo\.py:9 : ligne montrée mais jamais exécutée : return 2 \* x",
    ),
    "script modifié après coup": (
        swap("21", "22", SCRIPT),
        r"demo\.py:1 : modifié depuis sa dernière exécution",
    ),
    "réponse JSON inventée": (
        add('```json\n{"exactitude": 0.999}\n```'),
        r"index\.md:42 .*donnée écrite à la main",
    ),
    "pourcentage dans une section d'effectifs": (
        both(swap("compute = 0.001", "compute = 300", MANIFEST), percent),
        r"compute\.txt:1 : 40 devient 97 \(écart permis : 5\)",
    ),
    "perte dans une section d'effectifs": (
        both(swap("compute = 0.001", "compute = 300", MANIFEST), decimal),
        r"compute\.txt:1 : 0\.10 devient 0\.90 \(écart permis : 0\.05\)",
    ),
    "nombre tapé avec un blanc insécable": (add("Il reconnaît 97,1\xa0% des images."), r"index\.md:42 .*« 97,1\s% »"),
    "sortie écrite à la main": (
        add("```text\ntotal : 1\n```"),
        r"index\.md:42 .*sortie écrite à la main",
    ),
    "sortie retouchée": (
        swap("0.420", "0.990", OUTPUT),
        r"compute\.txt:1 : cette sortie n'est pas celle",
    ),
    "sortie et registre retouchés": (
        forge,
        r"compute\.txt:1 : 0\.990 devient 0\.420 \(écart permis : 0\.001\)",
    ),
    "sortie cachée": (
        swap('```text\n--8<-- "temoin/outputs/demo/compute.txt"\n```\n', ""),
        r"index\.md:9 .*la sortie de ce bloc n'est pas montrée",
    ),
    "sortie mal placée": (
        add('```text\n--8<-- "temoin/outputs/demo/compute.txt"\n```'),
        r"sortie sans le code",
    ),
    "mesure hors tolérance": (
        swap('"total": 0.42', '"total": 0.43', LEDGER),
        r"mesure total : 0\.43 devient 0\.42 \(écart permis : 0\.001\)",
    ),
    "mesure retirée du manifeste": (
        swap("[measures]\ntotal = 0.001\n", "", MANIFEST),
        r"demo\.py:1 : le registre n'a plus les mesures du manifeste",
    ),
    "version que le verrou n'épingle plus": (
        new("requirements.txt", "matplotlib==0.0.1\n"),
        r"demo\.py:1 : exécuté avec matplotlib [\d.]+, que requirements\.txt n'épingle plus",
    ),
    "section déplacée après coup": (
        both(
            swap('print(f"total : {total:.3f}")\n# --8<-- [end:compute]', "# --8<-- [end:compute]", SCRIPT),
            swap("# --8<-- [start:draw]\n", '# --8<-- [start:draw]\nprint(f"total : {total:.3f}")\n', SCRIPT),
        ),
        r"modifié depuis sa dernière exécution|sortie apparue ou disparue",
    ),
    "tampon tapé": (
        add('<p class="tampon" data-script="temoin/demo">✓ Vérifié ce matin en une seconde</p>'),
        r"tampon de temoin/demo différent du registre",
    ),
    "tampon tapé avant le vrai": (
        swap("# Témoin", '# Témoin\n\n<p class="tampon" data-script="temoin/demo">✓ Vérifié ce matin</p>'),
        r"tampon de temoin/demo différent du registre",
    ),
    "mesure tapée d'un vrai exemple": (
        add('Un total de <span class="mesure" data-script="temoin/demo">presque un</span>.'),
        r"index\.md:42 : mesure sans nom : « presque un »",
    ),
    "nombre en code": (add("Un total de `97,1 %`."), r"index\.md:42 .*« 97,1 % »"),
    "nombre dans la description": (
        swap("# Témoin", "---\ndescription: Atteindre 97,1 %.\n---\n\n# Témoin"),
        r"index\.md:1 .*« 97,1 % »",
    ),
    "nombre seul dans un quiz": (swap("choix 2", "0,91", QUIZ), r"lecon\.quiz\.yml:\d+ .*« 0,91 »"),
    "lignes dans une touche": (add("<kbd>Époque 1<br>Époque 2</kbd>"), r"index\.md:42 : code de plusieurs lignes"),
    "tampon de page tapé": (
        add('<p class="tampon" data-page="docs/index.md">✓ Blocs écrits dans la page : vérifiés hier</p>'),
        r"index\.md:1 : tampon des blocs écrits dans la page absent, ou différent",
    ),
    "tampon de personne": (add('<p class="tampon">✓ Vérifié</p>'), r"preuve d'aucun exemple : « ✓ Vérifié »"),
    "mesure tapée": (
        add('Un total de <span class="mesure">presque un</span>.'),
        r"preuve d'aucun exemple : « presque un »",
    ),
    "nombre tapé dans la prose": (add("L'exactitude est de 97,1 %."), r"index\.md:42 .*« 97,1 % »"),
    "sorties sans exemple": (
        new("snippets/temoin/outputs/vieux/a.txt", "a"),
        r"outputs/vieux:1 : sorties sans exemple",
    ),
    "script orphelin": (new("snippets/seul/a.py", "a = 1\n"), r"seul/a\.py:1 : script orphelin"),
    "nombre tapé dans un quiz": (
        swap("choix 2", "97,1 % des images", QUIZ),
        r"lecon\.quiz\.yml:\d+ : nombre tapé à la main : « 97,1 % »",
    ),
    "effectif tapé": (add("Il corrige 1 204 fois ses poids."), r"index\.md:42 .*« 1 204 fois »"),
    "nombre inventé dans un texte alternatif": (
        swap("Une droite qui monte.", "Une droite qui monte à 97,1 %.", MANIFEST),
        r"example\.toml:12 : « 97,1 % » n'est ni dans temoin/demo ni dans ses sorties",
    ),
    "nombre déclaré sans raison": (
        both(add("Un seuil de 0,5."), swap("# Témoin", '---\nnombres:\n  "0,5": ok\n---\n\n# Témoin')),
        r"index\.md:3 : « 0,5 » déclaré sans vraie raison",
    ),
    "nombre déclaré pour rien": (
        swap("# Témoin", '---\nnombres:\n  "0,5": seuil choisi\n---\n\n# Témoin'),
        r"index\.md:3 : nombre déclaré mais absent : « 0,5 »",
    ),
    "sortie dans une balise samp": (add("<samp>total : 0,99</samp>"), r"index\.md:42 : texte de machine .*<samp>"),
    "code dans une zone de saisie": (add("<textarea>1 / 0</textarea>"), r"index\.md:42 : .*<textarea> « 1 / 0 »"),
    "page étrangère": (add('<iframe src="usine.html"></iframe>'), r"index\.md:42 : .*<iframe>"),
    "code à sauts de ligne": (add("<code>1 / 0<br>2 / 0</code>"), r"index\.md:42 : code de plusieurs lignes"),
    "date d'un registre à venir": (
        swap(f'"date": "{date.today()}"', '"date": "2999-01-01"', LEDGER),
        r"demo\.py:1 : date \(2999-01-01\) ou durée",
    ),
    "durée de registre négative": (
        lambda root: change_ledger(root, duration=-1),
        r"demo\.py:1 : date .* ou durée \(-1\) impossible",
    ),
    "autre Python dans un registre": (
        lambda root: change_ledger(root, python="3.9.1"),
        r"demo\.py:1 : exécuté avec Python 3\.9\.1",
    ),
    "version retirée d'un registre": (
        lambda root: change_ledger(root, versions={}),
        r"ledger\.json:1 : bibliothèques «  », à la nouvelle exécution « matplotlib »",
    ),
    "commande qui appelle le réseau": (
        add("```sh\npython -c \"import socket; socket.gethostbyname('exemple.fr')\" || true\n```"),
        r"index\.md:\d+ : tentative de connexion à exemple\.fr",
    ),
    "exemption sans raison": (
        swap(' data-pourquoi="cette commande exige un processeur graphique"', ""),
        r"sans vraie",
    ),
    "exemption bâclée": (
        swap("cette commande exige un processeur graphique", "plus tard"),
        r"sans vraie raison",
    ),
    "bloc vide": (add("```python\n```"), r"bloc vide"),
    "bloc perdu": (swap("```sh\necho bonjour\n```", ""), r"7 blocs prouvés, plancher à 8"),
    "tampon oublié": (swap('{{ tampon("temoin/demo") }}', ""), r"montré sans tampon"),
    "figure oubliée": (swap('{{ figure("temoin/demo", "draw") }}', ""), r"la page montre \[\]"),
    "mesure inconnue": (swap('"total"', '"autre"'), r"construction(.|\n)*ne mesure pas autre"),
    "lien rompu": (swap("verifie.md#regle", "absent.md"), r"construction : Abort"),
    "ancre rompue": (swap("#regle", "#absente"), r"construction : Abort"),
    "script d'un CDN": (
        add('<script src="https://cdn.example/a.js"></script>'),
        r"ressource prise ailleurs",
    ),
    "image sans description": (
        add('<p><img src="assets/logo.svg"></p>'),
        r"image sans texte alternatif : assets/logo\.svg",
    ),
    "description de remplacement": (
        add('<p><img src="assets/logo.svg" alt="No description has been provided for this image"></p>'),
        r"image sans texte alternatif : assets/logo\.svg",
    ),
    "démo sans image fixe": (
        add('{% call demo("chiffre", "Titre", "Phrase.") %}{% endcall %}'),
        r"démo chiffre sans image fixe",
    ),
    "démo sans script": (
        add('{% call demo("absente", "Titre", "Phrase.") %}<svg></svg>{% endcall %}'),
        r"démo sans script : écrire overrides/assets/demos/absente\.js",
    ),
    "onglets confondus": (
        add('=== "A"\n\n    un\n\n=== "B"\n\n    deux\n\n=== "A"\n\n    trois'),
        r"deux groupes d'onglets confondus : A, B, A",
    ),
    "leçon sans objectifs": (swap("**Objectifs** : compter.", "", LESSON), r"fiche de leçon sans \*\*Objectifs"),
    "leçon sans figure": (
        swap('<svg viewBox="0 0 1 1" role="img"><title>Point</title></svg>', "", LESSON),
        r"leçon sans figure",
    ),
    "leçon sans exercice": (swap("## Exercice", "## Autre", LESSON), r"leçon sans ## Exercice"),
    "leçon en désordre": (
        both(
            swap("## À retenir", "## X", LESSON),
            both(swap("## Suite", "## À retenir", LESSON), swap("## X", "## Suite", LESSON)),
        ),
        r"fin de leçon en désordre",
    ),
    "quiz trop court": (new(QUIZ, witness.QUIZ[: len(witness.QUIZ) // 5]), r"1 questions"),
    "quiz trop court hors d'un module": (
        new("docs/demarrer/verifie.quiz.yml", witness.QUIZ[: len(witness.QUIZ) // 5]),
        r"verifie\.quiz\.yml:1 : 1 questions",
    ),
    "quiz à deux bonnes réponses": (
        swap("parce que.\n    -", "parce que.\n      juste: true\n    -", QUIZ),
        r"une seule bonne",
    ),
    "quiz qui se devine à la longueur": (
        swap("choix 2", "choix 2, le seul qui soit complet", QUIZ),
        r"lecon\.quiz\.yml:1 : la bonne réponse est la plus longue 5 fois sur 5",
    ),
    "quiz sans explication": (swap("      explication: parce que.\n", "", QUIZ), r"choix sans explication"),
    "glossaire sans leçon": (swap("index.md", "absente.md", "docs/ressources/glossaire.yml"), r"absente\.md"),
    "nom qui masque un module": (
        lambda root: (root / SCRIPT).rename(root / "snippets/temoin/torch.py"),
        r"masquerait le module « torch »",
    ),
}

# Ces fautes demandent d'exécuter le script de nouveau : c'est l'exécution qui doit échouer.
RUN_FAULTS: dict[str, tuple[Change, str]] = {
    "fonction jamais appelée": (
        swap("double(21) / 100", "21 * 2 / 100", SCRIPT),
        r"demo\.py:9 : ligne montrée mais jamais",
    ),
    "ligne exclue du relevé": (
        append_code("if not total:  # pragma: no cover\n    print(total)"),
        r"demo\.py:21 : ligne montrée mais jamais exécutée : print\(total\)",
    ),
    "dépréciation dans un module du projet": (
        swap(
            "def area",
            'import warnings\n\nwarnings.warn("vieux", DeprecationWarning)\n\n\ndef area',
            "snippets/usine/area.py",
        ),
        r"(?s)usine.*avertissement.*DeprecationWarning",
    ),
    "exception": (append_code("1 / 0"), r"demo\.py:20 : ZeroDivisionError"),
    "réseau": (
        append_code('import urllib.request\nurllib.request.urlopen("http://exemple.fr")'),
        r"connexion à exemple\.fr",
    ),
    "ligne jamais atteinte d'un exemple d'erreur": (
        both(
            swap('title = "Témoin"', 'title = "Témoin"\nfails_with = "ZeroDivisionError"', MANIFEST),
            append_code("if total > 1:\n    print(total)\n1 / 0"),
        ),
        r"demo\.py:21 : ligne montrée mais jamais exécutée : print\(total\)",
    ),
    "réseau avalé": (
        append_code('import socket\ntry:\n    socket.create_connection(("192.0.2.1", 80))\nexcept OSError:\n    pass'),
        r"connexion à 192\.0\.2\.1",
    ),
    "réseau d'un processus enfant": (
        append_code(
            "import subprocess\nimport sys\n"
            "subprocess.run([sys.executable, '-c', 'import socket; socket.gethostbyname(\"exemple.fr\")'],"
            " stderr=subprocess.DEVNULL)"
        ),
        r"connexion à exemple\.fr",
    ),
    "fonction obsolète": (
        append_code('warnings.warn("vieux", DeprecationWarning)'),
        r"(?s)avertissement.*DeprecationWarning",
    ),
    "mauvais usage": (append_code('warnings.warn("attention")'), r"(?s)avertissement.*UserWarning"),
    "journal d'avertissement": (
        append_code('import logging\nlogging.warning("attention")'),
        r"(?s)avertissement.*attention",
    ),
    "boucle sans fin": (
        both(append_code("while True:\n    pass"), swap("time_limit = 60", "time_limit = 3", MANIFEST)),
        r"plus de 3 s",
    ),
    "mesure qui n'est pas un nombre": (
        append_code('total = float("nan")'),
        r"TypeError : une mesure|nombre fini",
    ),
}


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return witness.create(tmp_path_factory.mktemp("temoin") / "cours")


@pytest.fixture
def copy(pristine: Path, tmp_path: Path) -> Path:
    """Copie du témoin, à saboter."""
    return Path(shutil.copytree(pristine, tmp_path / "cours"))


def test_witness_is_sound(copy: Path) -> None:
    faults = witness.verdict(copy)
    assert not faults, report(faults)


# Construit un site avec les seuls paquets d'un verrou : ceux d'une machine neuve où l'on n'a lancé que `make serve`.
LIGHT = """
import importlib.metadata, re, sys
from importlib.machinery import PathFinder
from pathlib import Path

def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()

lock = Path(sys.argv[1]).read_text(encoding="utf-8")
allowed = set(map(normal, re.findall(r"^([\\w.-]+)==", lock, re.MULTILINE)))
owners = importlib.metadata.packages_distributions()

class OnlyTheLock(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        found = owners.get(name.partition(".")[0])
        absent = found and allowed.isdisjoint(map(normal, found))
        return None if absent else super().find_spec(name, path, target)

sys.meta_path = [OnlyTheLock if finder is PathFinder else finder for finder in sys.meta_path]
from proof import lighten, site, takeaway
site.build(Path(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.mark.parametrize("missing", ["", "filelock", "latex2mathml", "beautifulsoup4"])
def test_site_needs_nothing_outside_its_lock(missing: str, copy: Path, tmp_path: Path) -> None:
    lock = (ROOT / "requirements/site.txt").read_text(encoding="utf-8")
    assert f"\n{missing}==" in lock or not missing
    (tmp_path / "site.txt").write_text(
        lock.replace(f"\n{missing}==", f"\n# {missing}==") if missing else lock, encoding="utf-8"
    )
    command = [sys.executable, "-c", LIGHT, *map(str, (tmp_path / "site.txt", copy, tmp_path / "site"))]
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, encoding="utf-8")
    assert (done.returncode == 0) is not bool(missing), done.stderr[-2000:]
    assert "No module named" in done.stderr if missing else (tmp_path / "site/index.html").is_file()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused(name: str, copy: Path) -> None:
    change, reason = FAULTS[name]
    change(copy)
    faults = witness.verdict(copy)
    assert faults, f"{name} : faute publiée sans que rien ne rougisse"
    assert re.search(reason, report(faults)), f"refusé, mais pour une autre raison : {report(faults)}"


@pytest.mark.parametrize("name", RUN_FAULTS)
def test_run_fault_is_refused(name: str, copy: Path) -> None:
    change, reason = RUN_FAULTS[name]
    for line in (
        "import matplotlib.pyplot as plt",
        "plt.plot([0, 1], [0, total])",
        'plt.title("droite")',
        "plt.show()",
    ):
        swap(line, "", SCRIPT)(copy)
    with pytest.raises(Exception, match=reason):
        rerun(change)(copy)
    kept = {path.name for path in (copy / ".cache/proof").glob("temoin-demo-*/ledger.json")}
    assert len(list((copy / ".cache/proof").glob("temoin-demo-*"))) == 1, f"un échec a été gardé en cache : {kept}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('snippets/temoin/demo.py" download', r"index\.md:23 : temoin/demo : le script à télécharger n'est pas celui"),
        (
            "temoin/outputs/demo/draw-1.light.svg",
            r"index\.md:17 : temoin/demo dessine \['draw-1\.light\.svg'\], la page",
        ),
        (">0,42<", r"index\.md:7 : nombre « .* » différent du registre \(total\)"),
        ("cette commande exige", r"index\.md:36 : raison d'exemption invisible"),
    ],
)
def test_altered_site_is_refused(text: str, reason: str, copy: Path) -> None:
    faults = report(witness.verdict(copy, after_build=text))
    assert re.search(reason, faults), f"site retouché ({text}) accepté, ou refusé pour une autre raison : {faults}"


def test_stamp_of_a_page_is_required(copy: Path) -> None:
    """Les blocs écrits dans la page une fois exécutés et notés, la page doit montrer leur tampon, et le vrai."""
    assert not inline.record(copy, site.expand(copy))
    assert not witness.verdict(copy)
    shown = inline.stamp(inline.known(copy)["docs/index.md"])
    assert re.fullmatch(r"Blocs écrits dans la page : vérifiés le .+ en \d+\ss · Python 3\.\d+\.\d+", shown)
    for text in ("Blocs écrits", ' data-page="docs/index.md"'):
        assert "tampon des blocs écrits dans la page" in report(witness.verdict(copy, after_build=text))
    swap("somme = 1 + 1", "somme = 2")(copy)
    assert "index.md:27 : bloc écrit dans la page, jamais exécuté" in report(witness.verdict(copy))


@pytest.mark.parametrize(
    ("text", "reason"), [("0.990", ""), ("0.990\ntotal", r"compute\.txt:1 : 2 lignes deviennent 1")]
)
def test_weights_choose_words_but_not_lines(text: str, reason: str, copy: Path) -> None:
    swap('title = "Témoin"', 'title = "Témoin"\nweights_choose = ["compute"]', MANIFEST)(copy)
    forge(copy, text)
    assert re.search(reason, report(witness.verdict(copy))) if reason else not witness.verdict(copy)


@pytest.mark.parametrize("module", ["area", "worker"])
def test_unseen_line_of_a_project_is_refused(module: str, copy: Path) -> None:
    first = f"# --8<-- [start:{'area' if module == 'area' else 'work'}]\n"
    change = swap(first, first + "def never():\n    return 1\n\n\n", f"snippets/usine/{module}.py")
    with pytest.raises(runner.RunFailure, match=rf"usine/{module}\.py:3 : ligne montrée mais jamais exécutée"):
        rerun(change)(copy)


@pytest.mark.parametrize("name", ["area.py", "worker.py"])
def test_stale_project_is_refused(name: str, copy: Path) -> None:
    add("", f"snippets/usine/{name}")(copy)
    swap("# --8<-- [end:", "x = 1\n# --8<-- [end:", f"snippets/usine/{name}")(copy)
    assert f"usine/{name}:1 : modifié depuis la dernière exécution de son projet" in report(witness.verdict(copy))


def test_stale_load_is_refused(tmp_path: Path) -> None:
    """Les débits publiés sont ceux des serveurs publiés : un seul fichier retouché, et l'audit refuse."""
    assert load.check_fresh(ROOT) == []
    for source in load.sources(ROOT):
        root = tmp_path / source.key
        for one in load.sources(ROOT):
            path = root / one.path.relative_to(ROOT)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(one.path, path)
        (root / "tests").mkdir()
        shutil.copy(ROOT / "tests/bench.json", root / "tests")
        assert load.check_fresh(root) == []
        add("x = 1", str(source.path.relative_to(ROOT)))(root)
        assert "a changé depuis sa mesure" in report(load.check_fresh(root)), source.key


def test_project_archive_holds_what_ran(copy: Path) -> None:
    built = site.build(copy, copy / "site")
    with zipfile.ZipFile(built / "snippets/usine.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(texts) == [f"usine/{name}" for name in ("area.py", "launch.py", "reglages.yaml", "worker.py")]
    assert texts["usine/reglages.yaml"] == witness.PROJECT["reglages.yaml"]
    assert not any("8<" in text for text in texts.values())


def test_notebook_failure_is_fatal(copy: Path) -> None:
    append_code("1 / 0")(copy)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        notebook.execute(scripts(copy)[0])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def test_a():\n    pytest.skip('bibliothèque absente')\n", "test sauté en intégration continue"),
        ("pytest.importorskip('bibliotheque_absente')\n", "fichier sauté en intégration continue"),
    ],
)
@pytest.mark.parametrize("ci", ["true", ""])
def test_skip_fails_in_ci(ci: str, code: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("import pytest\n\n" + code, encoding="utf-8")
    (tmp_path / "test_b.py").write_text("def test_b():\n    pass\n", encoding="utf-8")
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    env = dict(os.environ) | {"CI": ci, "PYTHONPATH": str(ROOT / "tests")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:codeblocks",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode != 0) is bool(ci), done.stdout
    assert (said in done.stdout) is bool(ci)


def test_enough_faults() -> None:
    assert len(FAULTS) + len(RUN_FAULTS) >= 25
