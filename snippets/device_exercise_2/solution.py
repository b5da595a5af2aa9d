# --8<-- [start:answer]
import json


def ran_in_order(text):
    """Ce carnet a-t-il été lancé d'un trait, de haut en bas ?

    `text` est le contenu d'un fichier `.ipynb`. Chaque cellule de code
    porte un `execution_count` : 1, 2, 3… dans un carnet en ordre.
    """
    cells = json.loads(text)["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    counts = [c["execution_count"] for c in code]
    return counts == list(range(1, len(code) + 1))


# --8<-- [end:answer]


# --8<-- [start:test]
def notebook(*counts):
    """Un carnet minuscule : un titre, puis une cellule par numéro."""
    cells = [{"cell_type": "markdown", "source": "# Titre"}]
    for count in counts:
        cells.append({"cell_type": "code", "execution_count": count})
    return json.dumps({"cells": cells})


assert ran_in_order(notebook(1, 2, 3)), "de haut en bas"
assert not ran_in_order(notebook(1, 3, 2)), "dans le désordre"
assert not ran_in_order(notebook(1, 2, None)), "une cellule oubliée"
assert not ran_in_order(notebook(4, 5, 6)), "un reste de mémoire"
# --8<-- [end:test]
