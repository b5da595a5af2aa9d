"""Les liens sortants des pages répondent ; lancé chaque semaine, jamais par make test."""

import re
import urllib.error
import urllib.request

import pytest
from proof.pages import markdown_files
from proof.project import ROOT

LINK = re.compile(r"\]\((https?://[^)\s]+)\)|href=\"(https?://[^\"]+)\"")
# Réponses d'un site vivant qui n'aime pas les programmes.
ALIVE = {401, 403, 405, 406, 418, 429, 503}


def outgoing_links(text: str) -> set[str]:
    """Adresses extérieures d'un texte Markdown, sans leur ancre."""
    found = {(a or b).split("#")[0] for a, b in LINK.findall(text)}
    return {link for link in found if "127.0.0.1" not in link and "{" not in link}


def answers(link: str) -> str:
    """Vide si l'adresse répond, sinon ce qui s'est passé."""
    request = urllib.request.Request(link, headers={"User-Agent": "Mozilla/5.0 (liens du cours)"})
    try:
        with urllib.request.urlopen(request, timeout=30):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code in ALIVE else f"réponse {error.code}"
    except (OSError, ValueError) as error:
        return str(error)


def test_outgoing_links_are_found() -> None:
    text = 'Voir [a](https://exemple.fr/page#fin), <a href="http://exemple.fr/b"> et [ici](page.md).'
    assert outgoing_links(text) == {"https://exemple.fr/page", "http://exemple.fr/b"}
    assert answers("http://127.0.0.1:9/") != "", "une adresse morte passe pour vivante"


@pytest.mark.network
def test_outgoing_links_are_alive() -> None:
    dead = []
    for path in markdown_files(ROOT):
        for link in sorted(outgoing_links(path.read_text(encoding="utf-8"))):
            if problem := answers(link):
                dead.append(f"{path.relative_to(ROOT).as_posix()} : {link} : {problem}")
    assert not dead, "\n".join(dead)
