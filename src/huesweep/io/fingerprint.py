"""A name for a file, or the files in a folder, by what they hold: copies elsewhere have the same one."""

import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.progress import track

from huesweep.io.atomic import write_text_atomically
from huesweep.io.cache import FINGERPRINTS

Facts = tuple[str, int, int]
_known: dict[str, str] = {}  # by this process, where the cache can't be written


def fingerprint(root: Path, suffixes: Collection[str], cache: Path) -> str | None:
    """Sixteen hexadecimal digits for a file, or the files below a folder: where they lie in it and every byte of them.

    suffixes: how the names of files in a folder that count end, in lower case. cache: a folder that notes what was
    found, so that files are read once and again only if their size or date has changed. Links are not followed: they
    count by where they lead. None for what is not there, and where a file can't be read.
    """
    try:
        files, links = _list(root, suffixes) if root.is_dir() else ([_facts("", root.stat())], [])
    except OSError:
        return None
    state = _digest([str(root.resolve()), files, links])
    note = cache / FINGERPRINTS / state
    if state not in _known:
        try:
            _known[state] = note.read_text().strip() if note.exists() else _read(root, files, links)
        except OSError:
            return None
        with suppress(OSError):
            if not note.exists():
                write_text_atomically(note, _known[state] + "\n")
    return _known[state]


def _list(root: Path, suffixes: Collection[str]) -> tuple[list[Facts], list[tuple[str, str]]]:
    """What can be told of files without reading them, and where links lead; both sorted."""
    files: list[Facts] = []
    links: list[tuple[str, str]] = []
    for entry in _walk(str(root)):
        name = os.path.relpath(entry.path, root)
        if entry.is_symlink():
            links.append((name, str(Path(entry.path).readlink())))
        elif Path(entry.name).suffix.lower() in suffixes and entry.is_file():
            files.append(_facts(name, entry.stat()))
    return sorted(files), sorted(links)


def _facts(name: str, found: os.stat_result) -> Facts:
    return name, found.st_size, found.st_mtime_ns


def _walk(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
            else:
                yield entry


def _read(root: Path, files: list[Facts], links: list[tuple[str, str]]) -> str:
    console = Console(file=sys.stderr)
    shown = track(files, f"reading {root.name}", console=console, transient=True, disable=not console.is_terminal)
    return _digest([[(name, _content(root / name)) for name, *_ in shown], links])


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
