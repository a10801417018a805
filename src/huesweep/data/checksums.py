"""Whether a pack still holds what was written: compared with its checksum once each time the machine has started."""

import zlib
from contextlib import suppress
from pathlib import Path

from huesweep.io.atomic import write_text_atomically

PIECE = 2**24  # bytes read at once
MOST_MACHINES = 100  # of a shared disk, that are remembered
BOOT = Path("/proc/sys/kernel/random/boot_id")  # Linux: other at every start of the machine
_seen: set[str] = set()  # by this process: all there is where starts can't be told apart, or the disk is read-only


def checksum_of(path: Path) -> int:
    """The CRC-32 of a file. Raises OSError."""
    total = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            total = zlib.crc32(piece, total)
    return total


def is_whole(path: Path, expected: int) -> bool:
    """Whether a file has a checksum; of an unchanged file it is computed once between two starts of the machine.

    Beside the file, one ending in .seen notes where it was found whole. Raises OSError.
    """
    sighting = _sighting(path)
    if sighting in _seen or sighting in _read(path):
        return True
    if checksum_of(path) != expected:
        return False
    note_whole(path)
    return True


def note_whole(path: Path) -> None:
    """Note that a file is what it should be."""
    sighting = _sighting(path)
    _seen.add(sighting)
    if BOOT.exists():
        with suppress(OSError):
            earlier = [line for line in _read(path) if line != sighting][1 - MOST_MACHINES :]
            write_text_atomically(path.with_suffix(".seen"), "\n".join([*earlier, sighting]) + "\n")


def _sighting(path: Path) -> str:
    found = path.stat()
    boot = BOOT.read_text().strip() if BOOT.exists() else str(path)
    return f"{boot} {found.st_size} {found.st_mtime_ns} {found.st_ino}"


def _read(path: Path) -> list[str]:
    try:
        return path.with_suffix(".seen").read_text(errors="replace").splitlines()
    except OSError:
        return []
