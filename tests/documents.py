"""The project's Markdown as tests read it: pages, links, headings and blocks of code."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docs.generate import COPIES, pages

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^( *)```(\w+)?(?: title=\"([^\"]+)\")?\n(.*?)^\1```$", flags=re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code. title: the file that it is, if it is one."""

    page: Path
    language: str
    title: str
    code: str


def documents() -> dict[Path, str]:
    """The text of every Markdown file, and of the pages that are generated, by path."""
    written = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("experiments/**/*.md")]
    texts = {path: path.read_text() for path in sorted(written)}
    return texts | {ROOT / "docs" / path: text for path, text in pages().items()}


def blocks(texts: dict[Path, str]) -> list[Block]:
    """Every fenced block of code."""
    return [
        Block(path, language or "", title or "", code)
        for path, text in texts.items()
        for _, language, title, code in FENCE.findall(text)
    ]


def links(text: str) -> Iterator[str]:
    """Where a page's links and pictures point, those to other hosts left out."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """The anchors of a page: of its headings, and of what mkdocstrings puts there."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", FENCE.sub("", text), flags=re.MULTILINE):
        given = re.search(r"\{ *#([\w.-]+) *\}$", heading)
        found.add(given[1] if given else slug(heading))
    return found


def slug(heading: str) -> str:
    """A heading's anchor, as Markdown makes it."""
    plain = unicodedata.normalize("NFKD", heading.replace("`", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def documented(text: str) -> set[str]:
    """The modules that an API page describes."""
    return set(re.findall(r"^::: ([\w.]+)$", text, flags=re.MULTILINE))


def exists(path: Path, texts: dict[Path, str]) -> bool:
    """Whether a link to a file leads somewhere: in the repository, or on the site."""
    return path.exists() or path in texts or path in {ROOT / "docs" / copy for copy in COPIES}
