"""What a process prints, kept in a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


@contextmanager
def output_to(path: Path) -> Iterator[None]:
    """Append what is printed meanwhile to a file, line by line, instead of showing it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", buffering=1) as file, redirect_stdout(file), redirect_stderr(file):
        try:
            yield
        finally:
            sys.stdout.flush()
