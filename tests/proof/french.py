"""Le français du projet : orthographe, typographie, vocabulaire. Lecture seule, sans état.

Chaque source devient un texte aux mêmes numéros de ligne où seule la prose reste : code, balises,
macros et adresses y deviennent VOID ; apostrophes et espaces insécables y deviennent ordinaires.
Les données des contrôles (dictionnaires, règles) sont dans `tests/french/`.
"""

from __future__ import annotations

import html
import io
import re
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from proof.project import MARKER, ROOT, Fault

DATA = Path(__file__).resolve().parents[1] / "french"
VOID = "¤"
PLAIN = str.maketrans("’\u00a0\u202f", "'  ")


def _keep(text: str = r"(?!)()") -> Callable[[re.Match[str]], str]:
    """Substitution : restent VOID, les sauts de ligne et le dernier groupe de chaque `text`."""

    def substitute(match: re.Match[str]) -> str:
        kept, position = VOID, 0
        for found in re.finditer(text, match[0]):
            group = re.compile(text).groups
            if found[group]:
                kept += "\n" * match[0].count("\n", position, found.start(group))
                kept += found[group] + VOID
                position = found.end(group)
        return kept + "\n" * match[0].count("\n", position)

    return substitute


QUOTED = _keep(r'"([^"]+)"')
ATTRIBUTE = _keep(r"""(?s)\b(?:alt|title|aria-label|placeholder)=(["'])(.*?)\1""")
INLINE = r"</?(?:b|strong|i|em|sup|mark|small|span|cite|wbr)(?: +(?!title|aria)[\w-]+=\"[^\"]*\")*>"
# De la source à la prose, dans l'ordre : ce qui s'en va, et ce qui en reste.
STEPS: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"(?s)\A---\n.*?\n---$", _keep()),  # en-tête de page
    (  # bloc de code : son titre reste
        r"(?s)^[ \t>]*(?:[-*+] +|\d+\. +)?(`{3,}|~{3,})[^`\n]*\n(?:.*?\n)??[ \t>]*\1[`~]*[ \t]*$",
        _keep(r'\A[^\n]*?\btitle="([^"\n]+)"'),
    ),
    (r"(?s)<!--.*?-->|<(script|style|pre|code|kbd|samp|var|math)\b.*?</\1>", _keep()),
    (r"(?<!`)(`+)(?!`)(?:.|\n(?!\s*\n))+?(?<!`)\1(?!`)", _keep()),  # code en ligne
    (r"(?s)\$\$.+?\$\$|\\\(.+?\\\)|\\\[.+?\\\]", _keep()),  # formules
    (r"(?<![\\$\w])\$(?=\S)[^$\n]+?(?<=\S)\$(?![$\w])", _keep()),
    (r"^.*-8<-.*$", _keep()),  # extrait inclus
    (  # macros : leurs phrases restent, pas leurs formules
        r"""\{\{(?:"[^"]*"|'[^']*'|[^"'])*?\}\}|\{%(?:"[^"]*"|'[^']*'|[^"'])*?%\}|\{#[^{}]*#\}""",
        _keep(r"""(?s)(["'])(?:((?:(?!\1)[^\s\\])*\s(?:(?!\1)[^\\]){3,})|(?:(?!\1).)*)\1"""),
    ),
    (r"^[ \t>]*(?:!!!|\?{3}\+?|===[+!]?) .*$", QUOTED),  # encadrés, onglets
    (r"^[ \t>]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t:]*-{2,}[ \t:]*)*\|?[ \t]*$", _keep()),  # filets
    (r"(?s)<(\w+)\b[^<>]*\blang=[\"']?en\b[^<>]*>(.*?)</\1>", r"*\2*"),  # anglais
    (INLINE, ""),
    (r"""</?[A-Za-z](?:"[^"]*"|'[^']*'|[^<>"'])*>""", ATTRIBUTE),
    (r'\](?:\((?:[^()\s]|\([^()]*\))*(?:\s+"[^"]*")?\s*\)|\[[^\]\n]*\])', QUOTED),  # cible
    (r"^ *\[[^\]\n]+\]: +(?:https?:|[<./#]).*$", QUOTED),  # cible nommée
    (r"^ *\*\[[^\]\n]+\]:|\[\^[^\]\n]+\]:?", _keep()),  # abréviation, note
    (r"(?:https?://|www\.|mailto:)[^\s<>«»|]*[^\s<>«»|.,;:!?)*]", _keep()),
    (r"[\w.+-]+@[\w-]+\.\w[\w.]*\w", _keep()),
    (r"[\w.-]+(?:/[\w.-]+)*/(?:(?!\w)|[\w-]+\.[a-z]\w*)", _keep()),  # chemin
    (r"\{[^{}\n]*\}", ATTRIBUTE),
    (r"(?<![\w:]):[a-z][\w+-]*:(?![\w:])", _keep()),  # icône
    (r"\*\*|~~|==|\^\^", ""),
    (r"^[ \t]*(?:(?:[-+*>:]|\d+[.)]|#+(?:[ \t]+\d[\d.]*)?)[ \t]+)+(?:\[[ xX]\][ \t]+)?", ""),
]

# Passage en italique sans lettre accentuée : un terme anglais, que les contrôles ignorent.
ACCENT = re.compile("[À-ÖØ-öø-ÿŒœ]")
ENGLISH = re.compile(r"(?<![*\w\\])\*(?![*\s])(?:[^*\nÀ-ÖØ-öø-ÿŒœ]|\n(?!\s*\n))+?(?<!\s)\*(?!\*)")
WORD = re.compile(r"\w[\w'.-]*")
NOT_WORD = re.compile(r"[\d_¹²³⁰-ₜ]|\.\w|^[A-Z]{,5}$|^\w?$")  # nombre, fichier, sigle, lettre
ELIDED = re.compile(r"(?i)^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu)(?:'|$)")

# Chaîne Python sans préfixe ou f ; ses champs, échappements et alignements ; directive d'outil.
# Depuis Python 3.12, une chaîne f est faite de plusieurs jetons, de FSTRING_START à FSTRING_END.
FSTRING_START, FSTRING_END = (getattr(tokenize, f"FSTRING_{end}", None) for end in ("START", "END"))
LITERAL = re.compile(r"""(?s)[fFuU]?("{3}|'{3}|["'])(.*)\1""")
FIELD = re.compile(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[^\n])|(?<=\S) {2,}")
# Commentaire ou chaîne JavaScript, dans l'ordre du fichier : un // dans une chaîne n'est pas un commentaire.
SCRIPT_TEXT = re.compile(r"""(?s)//([^\n]*)|/\*+(.*?)\*/|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`""")
SELECTOR = re.compile(r"[.:#\[][a-z]")
# Commentaire ou chaîne d'un manifeste TOML ; accolades d'un gabarit de page, où ne se lisent que des attributs.
TOML_TEXT = re.compile(r'''(?s)#[^\n]*|"""\n?(.*?)"""|"((?:[^"\\\n]|\\.)*)"''')
TEMPLATE = re.compile(r"(?is)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<!doctype[^>]*>")
TOOLING = re.compile(r"#\s*(?:noqa|type:|fmt:|pragma|ruff:|mypy:|%%|!)")


@cache
def _clean(markdown: str) -> str:
    """Texte aux mêmes numéros de ligne que la source Markdown, où seule reste la prose."""
    for pattern, rest in STEPS:
        markdown = re.sub(pattern, rest, markdown, flags=re.M)
    return html.unescape(markdown).translate(PLAIN)


def prose(markdown: str) -> list[tuple[int, str]]:
    """Lignes numérotées (1 = première) de la prose d'une source Markdown, lignes vides omises."""
    lines = enumerate(_clean(markdown).split("\n"), 1)
    return [(number, line) for number, line in lines if line.strip(f" \t|{VOID}")]


def _yaml(source: str) -> Iterator[tuple[int, str]]:
    """Ligne et texte des phrases d'un fichier YAML : les valeurs qui contiennent une espace, sauf les mots anglais."""
    key = ""
    for token in yaml.scan(source):
        if isinstance(token, yaml.ScalarToken) and " " not in token.value:
            key = token.value
        if isinstance(token, yaml.ScalarToken) and " " in token.value and key != "anglais":
            text = source[token.start_mark.index : token.end_mark.index]
            if not token.plain:
                text = re.sub(r"\A(?:[|>][-+\d]*|[\"'])|[\"']\Z", "", text)
                text = text.replace("''", "'").replace('\\"', '"')
            yield token.start_mark.line + 1, text


def _python(source: str) -> Iterator[tuple[int, str]]:
    """Ligne et texte des commentaires d'un script et de ses chaînes qui semblent françaises."""
    rows, opened = source.split("\n"), []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        (first, column), text = token.start, token.string
        if token.type == FSTRING_START:
            opened.append(token.start)
        elif token.type == FSTRING_END:
            first, column = opened.pop()
            last, end = token.end
            text = "\n".join([*rows[first - 1 : last - 1], rows[last - 1][:end]])[column:]
        if token.type == tokenize.COMMENT and not MARKER.match(text) and not TOOLING.match(text):
            yield first, text.lstrip("# ")
        elif token.type in (tokenize.STRING, FSTRING_END) and (literal := LITERAL.fullmatch(text)):
            text = ESCAPE.sub(" ", FIELD.sub(VOID, literal[2]))
            if _looks_french(text):
                yield first, text


def _looks_french(text: str) -> bool:
    """Cette chaîne d'un programme est-elle une phrase ? Une lettre accentuée, ou une majorité de mots français."""
    known = [_known(word) for word in WORD.findall(text) if not NOT_WORD.search(word)]
    return " " in text and bool(ACCENT.search(text) or 2 * sum(known) > len(known))


def _javascript(source: str, comments: bool = True) -> Iterator[tuple[int, str]]:
    """Ligne et texte des chaînes d'un script de page qui semblent françaises, et de ses commentaires."""
    for token in SCRIPT_TEXT.finditer(source):
        line = source.count("\n", 0, token.start()) + 1
        comment, block, plain, template = token.groups()
        if plain is None and template is None:
            if comments:
                yield line, (comment or block or "").strip()
            continue
        text = ESCAPE.sub(" ", re.sub(r"\$" + FIELD.pattern, VOID, plain if template is None else template))
        if _looks_french(text) and not SELECTOR.match(text):
            yield line, text


def _toml(source: str) -> Iterator[tuple[int, str]]:
    """Ligne et texte de ce qu'un manifeste publie : titres, textes alternatifs, introduction du carnet."""
    manifest = tomllib.loads(source)
    published: set[str] = set()
    for part in (manifest, *manifest.get("script", {}).values()):
        published |= {part.get("title", ""), part.get("notebook_intro", "")}
        published |= {*part.get("figures", {}).values(), *part.get("sections", {}).values()}
    for token in TOML_TEXT.finditer(source):
        text = token[token.lastindex or 0]
        if text in published or "\\" in text:
            yield source.count("\n", 0, token.start(token.lastindex or 0)) + 1, text


def _html(source: str) -> str:
    """Page ou gabarit HTML, sans ce que le gabarit calcule."""
    return TEMPLATE.sub(ATTRIBUTE, source)


def _placed(pieces: Iterator[tuple[int, str]]) -> str:
    """Texte où chaque morceau est à sa ligne."""
    lines: dict[int, str] = defaultdict(str)
    for first, text in pieces:
        for number, line in enumerate(text.split("\n"), first):
            lines[number] += VOID + line
    return "\n".join(lines[number] for number in range(1, max(lines, default=0) + 1))


# Fichiers lus, et ce qui en est du texte ; du Markdown se lit tel quel.
SOURCES: dict[str, Callable[[str], str]] = {
    "docs/**/*.md": str,
    "README.md": str,
    "tests/README.md": str,
    "docs/**/*.yml": lambda text: _placed(_yaml(text)),
    "snippets/*/README.md": str,
    "snippets/*/example.toml": lambda text: _placed(_toml(text)),
    "snippets/**/*.py": lambda text: _placed(_python(text)),
    "snippets/*/static/*.html": _html,
    "overrides/**/*.html": _html,
    "overrides/assets/demos/*.js": lambda text: _placed(_javascript(text)),
    "overrides/assets/*.js": lambda text: _placed(_javascript(text, comments=False)),
    "snippets/*/static/*.js": lambda text: _placed(_javascript(text, comments=False)),
}


def sources(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Chemin et prose : pages, quiz, README, gabarits ; titres, commentaires et chaînes des exemples et des scripts."""
    for pattern, read in SOURCES.items():
        for path in sorted(root.glob(pattern)):
            yield path.relative_to(root).as_posix(), _clean(read(path.read_text(encoding="utf-8")))


def _hits(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Ligne et occurrence de chaque faute ; ni l'anglais ni un groupe « faute » vide n'en sont."""
    english = [match.span() for match in ENGLISH.finditer(text)]
    for match in pattern.finditer(text):
        start, end = match.span("faute" if "faute" in pattern.groupindex else 0)
        if start >= 0 and not any(low <= start and end <= high for low, high in english):
            yield text.count("\n", 0, start) + 1, match


@cache
def _speller() -> Any:
    """Correcteur français augmenté du lexique du projet."""
    from hunspell import Hunspell  # absent de l'environnement léger du site

    speller = Hunspell("fr", hunspell_data_dir=str(DATA))
    for word in (DATA / "lexique.txt").read_text(encoding="utf-8").splitlines():
        if word and not word.startswith("#"):
            speller.add(word)
    return speller


@cache
def _known(word: str) -> bool:
    """Vrai si le mot est français, du lexique, ou n'est pas un mot (sigle, nombre, fichier)."""
    word = word.strip(".'-")
    if NOT_WORD.search(word) or _speller().spell(word):
        return True
    if elided := ELIDED.match(word):
        return _known(word[elided.end() :])
    return "-" in word and all(_known(part) for part in word.split("-"))


@cache
def _advice(word: str) -> str:
    """Comment corriger un mot inconnu, trois propositions au plus (un dixième de seconde)."""
    words = " ou ".join(f"« {suggestion} »" for suggestion in _speller().suggest(word)[:3])
    advice = "`code`, *anglais* en italique, ou terme à ajouter à tests/french/lexique.txt"
    return f"écrire {words} ; sinon {advice}" if words else advice


def check_spelling(root: Path = ROOT) -> list[Fault]:
    """Mots inconnus du dictionnaire français et du lexique du projet."""
    return [
        Fault(f"{where}:{line}", f"mot inconnu « {word} »", _advice(word))
        for where, text in sources(root)
        for line, match in _hits(WORD, text)
        if not _known(word := match[0].strip(".'-"))
    ]


@cache
def rules(name: str) -> list[tuple[re.Pattern[str], dict[str, str]]]:
    """Règles de `tests/french/<name>.toml` et leurs motifs ; le glossaire ignore la casse."""
    data = tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
    flags = re.M | re.I if name == "glossaire" else re.M
    return [(re.compile(rule["motif"], flags), rule) for rule in data["regle"]]


def _check_rules(root: Path, name: str) -> list[Fault]:
    """Fautes que décrit un fichier de règles, avec un peu du texte qui les entoure."""
    faults = []
    for where, text in sources(root):
        for pattern, rule in rules(name):
            for line, match in _hits(pattern, text):
                around = " ".join(text[max(0, match.start() - 20) : match.end() + 20].split())
                what = f"{rule['raison']} (vers « {around} »)"
                faults.append(Fault(f"{where}:{line}", what, match.expand(rule["terme"])))
    return faults


def check_typography(root: Path = ROOT) -> list[Fault]:
    """Espaces, guillemets, nombres, ligatures et capitales de la typographie française."""
    return _check_rules(root, "typographie")


def check_glossary(root: Path = ROOT) -> list[Fault]:
    """Termes que le cours n'emploie pas : mauvaises traductions, anglicismes, tutoiement."""
    return _check_rules(root, "glossaire")
