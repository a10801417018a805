"""Metadata of BigTIFF files, which exiv2 doesn't know: their directories rewritten as those of a TIFF file."""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from huesweep.inference.photo_directories import MOST_BYTES, SIZES, OverfullError, take

BIG_STARTS = (b"II+\0", b"MM\0+")
NARROW = {16: (4, "Q", "I"), 17: (9, "q", "i"), 18: (4, "Q", "I")}  # types of 8 bytes that TIFF has in 4
DIRECTORIES = (34665, 34853, 40965)  # tags that hold the place of another: EXIF's, GPS's, of interoperability
PIXELS = (273, 279, 288, 289, 324, 325, 330)  # where values, and further pictures, lie in the file
DEEPEST = 3
MOST_ENTRIES = 4096


class _Entry(NamedTuple):
    tag: int
    kind: int
    length: int
    value: bytes


def as_tiff(path: Path) -> bytes:
    """A TIFF file without a picture that tells what the first directory of a BigTIFF file does, in its byte order.

    Laid out as in TIFF 6.0, section 2, and Adobe's BigTIFF. Raises ValueError for a damaged file.
    """
    with path.open("rb") as file:
        start = file.read(16)
        if not start.startswith(BIG_STARTS) or len(start) < 16:
            raise ValueError("no BigTIFF")
        order = "<" if start.startswith(b"II") else ">"
        (place,) = struct.unpack(f"{order}Q", start[8:])
        head = start[:2] + struct.pack(f"{order}HI", 42, 8)
        return head + _rewritten(file, order, place, len(head), 1)


def _rewritten(file: BinaryIO, order: str, place: int, at: int, depth: int) -> bytes:
    """A directory at a place of the file, and what it holds, for the place `at` of the result."""
    entries = _entries(file, order, place)
    end = at + 2 + 12 * len(entries) + 4
    table, rest = b"", b""
    for tag, kind, count, value in entries:
        if tag in DIRECTORIES and depth < DEEPEST and len(value) == 4:
            (inner,) = struct.unpack(f"{order}I", value)
            more = _rewritten(file, order, inner, end + len(rest), depth + 1)
            value = struct.pack(f"{order}I", end + len(rest))
        elif len(value) > 4:
            value, more = struct.pack(f"{order}I", end + len(rest)), value
        else:
            more = b""
        table += struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
        rest += more + b"\0" * (len(more) % 2)
        if len(rest) > MOST_BYTES:
            raise OverfullError
    return struct.pack(f"{order}H", len(entries)) + table + bytes(4) + rest


def _entries(file: BinaryIO, order: str, place: int) -> list[_Entry]:
    file.seek(place)
    (count,) = struct.unpack(f"{order}Q", take(file, 8))
    if count > MOST_ENTRIES:
        raise ValueError("its directory is damaged")
    content = take(file, 20 * count)
    found, taken = [], 0
    for start in range(0, len(content), 20):
        entry = _entry(file, order, content[start : start + 20])
        if entry is not None:
            found.append(entry)
            taken += len(entry.value)
        if taken > MOST_BYTES:  # several may tell of the same bytes
            raise OverfullError
    return sorted(found)


def _entry(file: BinaryIO, order: str, content: bytes) -> _Entry | None:
    tag, kind, count = struct.unpack(f"{order}HHQ", content[:12])
    size = SIZES.get(kind, 0) * count
    if tag in PIXELS or not 0 < size <= MOST_BYTES:
        return None
    value = content[12 : 12 + size]
    if size > 8:
        file.seek(struct.unpack(f"{order}Q", content[12:])[0])
        value = take(file, size)
    if kind in NARROW:
        kind, wide, narrow = NARROW[kind]
        try:
            value = struct.pack(f"{order}{count}{narrow}", *struct.unpack(f"{order}{count}{wide}", value))
        except struct.error:  # beyond what TIFF holds
            return None
    return _Entry(tag, kind, count, value)
