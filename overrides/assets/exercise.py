"""Exécute la réponse d'un lecteur et dit en français ce qui manque ; tourne dans la page, par Pyodide."""

import ast
import contextlib
import io
import json
import linecache
import traceback

NAME = "votre réponse"
LONGEST = 20_000  # caractères d'une sortie
SIDES = ("_gauche", "_droite")


class Witness(ast.NodeTransformer):
    """Relève les tests d'un programme et retient les deux côtés de chaque `assert a == b`, sans l'évaluer deux fois."""

    def __init__(self):
        """Aucun test relevé : `visit(ast.parse(code))` remplit `tests`."""
        self.tests = []

    def visit_FunctionDef(self, node):
        """N'entre pas dans les fonctions : d'ici, leurs variables ne se liraient pas."""
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_Assert(self, node):
        """`assert a == b` devient `assert (_gauche := a) == (_droite := b)`."""
        test = node.test
        self.tests.append(ast.unparse(test))
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            pair = [
                ast.copy_location(ast.NamedExpr(ast.copy_location(ast.Name(name, ast.Store()), side), side), side)
                for name, side in zip(SIDES, (test.left, test.comparators[0]), strict=True)
            ]
            test.left, test.comparators = pair[0], pair[1:]
        return node


def short(value):
    """Représentation d'une valeur, coupée si elle est longue."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<illisible : {type(error).__name__}>"
    return text if len(text) <= 200 else text[:200] + "…"


def explain(error, namespace):
    """Ce qui a échoué, en une phrase ou deux, et la trace réduite aux lignes du lecteur."""
    trace = traceback.TracebackException.from_exception(error)
    trace.stack = traceback.StackSummary.from_list([f for f in trace.stack if f.filename == NAME])
    if isinstance(error, SyntaxError) and error.filename == NAME:
        message = f"Ligne {error.lineno} : Python ne comprend pas ce programme ({error.msg})."
    elif not trace.stack:
        message = f"{type(error).__name__} : {error}"
    elif isinstance(error, AssertionError) and len(trace.stack) == 1:
        reason = f" : {error}." if str(error) else "."
        message = f"Le test de la ligne {trace.stack[-1].lineno} échoue{reason}"
        if all(name in namespace for name in SIDES):
            left, right = (short(namespace[name]) for name in SIDES)
            message += f" À gauche de ==, on trouve {left} ; à droite, {right}."
    else:
        message = f"Ligne {trace.stack[-1].lineno} : {type(error).__name__} : {error}"
    return message, "".join(trace.format())


def missing(starter, tests):
    """Ce qu'il faut dire si des tests de l'énoncé ne sont plus dans le programme ; vide s'ils y sont tous."""
    asked = Witness()
    asked.visit(ast.parse(starter))
    lost = [test for test in asked.tests if test not in tests]
    if not lost:
        return ""
    one = "un test de l’énoncé manque ou a changé :"
    what = one if len(lost) == 1 else f"{len(lost)} tests de l’énoncé manquent ou ont changé, dont"
    mend = "Pour les retrouver, copiez votre fonction, puis choisissez « Revenir à l’énoncé »."
    return f"Rien n’échoue, mais {what} assert {lost[0]}. {mend}"


def run(code, starter):
    """Exécute un programme, d'après l'énoncé `starter`, avec des variables neuves ; un module modifié, lui, le reste.

    Rend un texte JSON : `passed` (aucune erreur, tous les tests de l'énoncé), `message` (ce qui échoue), `output` (ce
    que le programme affiche), `trace` (les lignes en cause).
    """
    namespace, shown, witness = {"__name__": "__main__"}, io.StringIO(), Witness()
    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    message = trace = ""
    try:
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
            tree = ast.fix_missing_locations(witness.visit(ast.parse(code, NAME)))
            for node in tree.body:  # une instruction à la fois : les côtés retenus sont ceux du test qui échoue
                for name in SIDES:
                    namespace.pop(name, None)
                exec(compile(ast.Module([node], []), NAME, "exec"), namespace)
        message = missing(starter, witness.tests)
    except BaseException as error:  # SystemExit et KeyboardInterrupt comprises
        try:
            message, trace = explain(error, namespace)
        except BaseException:  # l'erreur du lecteur, à son tour, se raconte mal
            message = f"{type(error).__name__} : message illisible"
    output = "" if shown.closed else shown.getvalue()
    if len(output) > LONGEST:
        output = output[:LONGEST] + "\n… (sortie coupée)\n"
    return json.dumps({"passed": not message, "message": message, "output": output, "trace": trace})
