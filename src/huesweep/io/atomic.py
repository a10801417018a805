"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from huesweep.io.leftovers import claim

LONGEST = 239  # bytes of a name: a disk takes 255, and the temporary one has more around it


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Call `write` with an open binary file and put its content at `path` in one step; see atomic_file."""
    with atomic_file(path) as (file, _):
        write(file)


@contextmanager
def atomic_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An open binary file whose content is put at `path` in one step at the end, and where it lies until then.

    The content goes to a temporary file in the same folder, reaches the disk, and then takes the name: whoever reads
    `path` finds the old content or the new, at any moment, whatever dies. The folder is made if missing.
    Raises what is raised inside, and OSError, which names `path`; both leave nothing behind. What a killed process
    leaves is for remove_leftovers.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = _make_own(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner can read
            temporary.replace(path)  # while it is open: closed, it would count as left behind
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            raise _naming(error, path) from None
        cause = error.__context__
        if isinstance(error, RuntimeError) and isinstance(cause, OSError) and cause.filename is None:
            raise _naming(cause, path) from None  # PyTorch's writer complains in words of its own
        raise


def write_text_atomically(path: Path, text: str) -> None:
    """Put UTF-8 text at `path` in one step; see write_atomically."""
    write_atomically(path, lambda file: file.write(text.encode()))


def try_folder(folder: Path) -> None:
    """Raise OSError where no file could be put into a folder, or into the one that it would be made in."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    with tempfile.TemporaryFile(dir=there):
        return


def _make_own(path: Path) -> tuple[int, Path]:
    while True:
        try:
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{_short(path.name)}.", suffix=".part")
        except OSError as error:
            raise _naming(error, path) from None
        if claim(descriptor):
            return descriptor, Path(temporary)
        os.close(descriptor)


def _short(name: str) -> str:
    """A name, or its end where it is too long; that still tells whose leftover a file is."""
    content = os.fsencode(name)
    return name if len(content) <= LONGEST else content[-LONGEST:].decode(errors="ignore")


def _naming(error: OSError, path: Path) -> OSError:
    return OSError(error.errno, error.strerror or str(error), str(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
