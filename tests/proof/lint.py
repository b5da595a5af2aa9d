"""Fautes d'enseignement que l'on repère sans exécuter : activation devant une perte qui attend des logits."""

from __future__ import annotations

import ast
import re

from proof.project import Fault

LOGITS_LOSS = re.compile(
    r"CrossEntropyLoss\(|\bcross_entropy\(|BCEWithLogitsLoss\(|from_logits\s*=\s*True|_with_logits\("
)
PROBABILITY_LOSS = re.compile(r"""["'](sparse_)?categorical_crossentropy["']|["']binary_crossentropy["']""")
PROBABILITIES = {"softmax", "log_softmax", "sigmoid"}
LAST = {"softmax", "relu", "sigmoid", "log_softmax", "tanh", "gelu"}


def activation(node: ast.expr) -> str:
    """Activation d'une couche : `nn.Softmax()`, `Dense(10, "relu")`, `Activation("relu")`, `F.relu(x)`, ou rien."""
    if not isinstance(node, ast.Call):
        return ""
    given = [keyword.value for keyword in node.keywords if keyword.arg == "activation"]
    for value in given or [a for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]:
        if isinstance(value, ast.Constant):
            return str(value.value).lower()
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return {"logsoftmax": "log_softmax"}.get(name.lower(), name.lower())


def applied(node: ast.expr) -> ast.expr:
    """La couche que `couche(…)(x)` applique ; toute autre expression reste telle quelle."""
    return node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) else node


def last_value(function: ast.FunctionDef, returned: ast.expr) -> ast.expr:
    """L'expression rendue, ou la probabilité que porte le nom rendu."""
    if not isinstance(returned, ast.Name):
        return returned
    given = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == returned.id
        and node.lineno < returned.lineno
    ]
    last = max(given, key=lambda value: value.lineno, default=returned)
    return last if activation(last) in PROBABILITIES else returned  # un bloc résiduel finit bien par ReLU


def last_layers(tree: ast.Module) -> list[ast.expr]:
    """Dernière couche de chaque modèle : `Sequential`, `add`, `Model(entrée, sortie)`, `forward` ou `call`."""
    found: list[ast.expr] = []
    added: dict[str, ast.expr] = {}
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    losses = {name for name, value in assigned.items() if LOGITS_LOSS.search(ast.unparse(value))}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "add"
            and node.args
        ):
            model = ast.unparse(node.func.value)
            if model not in added or added[model].lineno < node.lineno:  # `walk` ne suit pas l'ordre du fichier
                added[model] = node.args[0]
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Model":
            outputs = [k.value for k in node.keywords if k.arg == "outputs"] or node.args[1:2]
            found += [applied(assigned.get(o.id, o) if isinstance(o, ast.Name) else o) for o in outputs]
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Sequential") and node.args:
            first = node.args[0]
            layers = first.elts if isinstance(first, (ast.List, ast.Tuple)) else node.args
            found += layers[-1:]
        if isinstance(node, ast.FunctionDef) and node.name in ("forward", "call"):
            found += [last_value(node, n.value) for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
        if isinstance(node, ast.Call) and (
            ast.unparse(node.func).endswith(("cross_entropy", "_with_logits")) or ast.unparse(node.func) in losses
        ):
            found += [a for a in node.args[:2] if activation(a) in LAST]
    return found + list(added.values())


def check_logits(source: str, where: str, origin: dict[int, int] | None = None) -> list[Fault]:
    """Refuse softmax, ReLU… devant une perte sur logits, et l'oubli de softmax devant une perte sur probabilités.

    `origin` traduit les lignes du source en lignes du fichier nommé par `where`.
    """
    faults = []
    for layer in last_layers(ast.parse(source)):
        found = activation(layer)
        line = (origin or {}).get(layer.lineno, layer.lineno)
        if LOGITS_LOSS.search(source) and found in LAST:
            mend = "retirer l'activation de la dernière couche : la perte l'applique elle-même"
            faults.append(Fault(f"{where}:{line}", f"{found} devant une perte qui attend des logits", mend))
        if PROBABILITY_LOSS.search(source) and found not in LAST:
            mend = "employer la perte avec from_logits=True"
            faults.append(Fault(f"{where}:{line}", "logits donnés à une perte qui attend des probabilités", mend))
    return faults
