"""What killed processes leave behind, and how it is told from what is being written."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a Unix
    fcntl = None  # type: ignore[assignment]

LEFTOVER = re.compile(r"\.(.+)\.[a-z0-9_]{8}\.part")  # as write_atomically names its temporary files


def claim(descriptor: int) -> bool:
    """Mark an open file as in use by this process, until it is closed or the process dies, however it does.

    Gives whether the file is still there. Where a disk knows no locks, nothing is marked, nor ever removed.
    """
    if fcntl is None:
        return True
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return os.fstat(descriptor).st_nlink > 0


def remove_leftovers(folder: Path, *, below: bool = False, is_meant: Callable[[str], bool] = lambda _: True) -> None:
    """Remove what processes that were killed left of files that they were writing into a folder.

    below: look into its folders too. is_meant: tells by a file's name whether it is one of those. What a process is
    writing stays, and so does what can't be removed.
    """
    with suppress(OSError):
        for path in folder.rglob(".*.part") if below else folder.glob(".*.part"):
            found = LEFTOVER.fullmatch(path.name)
            if found and is_meant(found[1]) and not path.is_symlink() and path.is_file():
                _remove_unless_in_use(path)


def is_claimed(path: Path) -> bool:
    """Whether a process has marked a file as in use; False where that can't be told."""
    if fcntl is None:
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _remove_unless_in_use(path: Path) -> None:
    if fcntl is None:
        return
    with suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
