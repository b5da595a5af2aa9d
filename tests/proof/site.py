"""Construction du site et Markdown développé, par MkDocs lui-même."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

from markdown import Markdown
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from mkdocs.structure.files import get_files
from mkdocs.structure.pages import Page
from pymdownx.snippets import SnippetExtension


def load(root: Path, site_dir: Path | None = None) -> Any:
    """Configuration MkDocs du projet, en mode strict."""
    options = {"site_dir": str(site_dir)} if site_dir else {}
    return load_config(str(root / "mkdocs.yml"), strict=True, **options)


def build(root: Path, site_dir: Path) -> Path:
    """Construit le site dans `site_dir` ; tout avertissement de MkDocs lève une erreur."""
    config = load(root, site_dir)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        mkdocs_build(config)
    except Abort:  # lien rompu, avertissement : MkDocs a dit quoi
        raise
    except SystemExit as error:  # mkdocs-macros s'arrête sans un mot
        raise RuntimeError(f"une macro a échoué : {error.__context__!r}") from error
    return site_dir


def expand(root: Path) -> dict[str, str]:
    """Markdown de chaque page après macros et inclusions : `docs/…` → texte."""
    config = load(root)
    config.plugins.on_startup(command="build", dirty=False)
    config = config.plugins.on_config(config)
    files = config.plugins.on_files(get_files(config), config=config)
    config.plugins.on_nav(_navigation(files, config), config=config, files=files)
    config.plugins.on_env(config.theme.get_env(), config=config, files=files)
    texts = {}
    for file in files.documentation_pages():
        if not file.src_uri.endswith(".md"):
            continue
        page = Page(None, file, config)
        page.read_source(config)
        text = config.plugins.on_page_markdown(page.markdown, page=page, config=config, files=files)
        texts[f"docs/{file.src_uri}"] = include_snippets(text, config)
    return texts


def _navigation(files: Any, config: Any) -> Any:
    from mkdocs.structure.nav import get_navigation

    return get_navigation(files, config)


def include_snippets(text: str, config: Any) -> str:
    """Développe les `--8<--` d'un texte avec les réglages de mkdocs.yml."""
    options = config.mdx_configs.get("pymdownx.snippets", {})
    markdown = Markdown(extensions=[SnippetExtension(**options)])
    lines = text.split("\n")
    for preprocessor in markdown.preprocessors:
        if type(preprocessor).__name__ == "SnippetPreprocessor":
            lines = preprocessor.run(lines)
    return "\n".join(lines)
