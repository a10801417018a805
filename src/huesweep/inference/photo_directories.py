"""Directories of TIFF and BigTIFF files, which EXIF has too: the few tags that say how pictures lie, within bounds."""

import io
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # of the types, those that layout is told in
RATIONAL = 5
SUBFILE, OLD_SUBFILE, BELOW, EXTRA, PROFILE = 254, 255, 330, 338, 34675
LAYOUT = (SUBFILE, OLD_SUBFILE, 256, 257, 258, 262, 277, 282, 283, 284, 296, BELOW, EXTRA, 339)
LISTS = (258, BELOW, EXTRA, 339)  # those of them that may have several values (TIFF 6.0)
MOST_VALUES = 64  # of a tag of those
MOST_PAGES = 10_000
MOST_ENTRIES = 2**16  # of all directories
MOST_PLACE = 2**62  # in a file
MOST_BYTES = 2**26  # of what all tags tell, unless the file itself is larger
NARROW, WIDE = (42, "H", "HHI4s", "I"), (43, "Q", "HHQ8s", "Q")  # of TIFF and BigTIFF: mark, count, entry, place


class OverfullError(ValueError):
    """Metadata that tell of more bytes than a reader should copy."""

    def __init__(self) -> None:
        super().__init__("its metadata are too large")


class Directory(NamedTuple):
    """What a directory tells, by tag: a number, of LISTS also several; of the profile, where it lies and its length."""

    tags: Mapping[int, Any]


def read_directories(file: BinaryIO, most: int = MOST_PAGES) -> list[Directory]:
    """The directories of a file, from its start, one after the other; nothing for another kind of file.

    Laid out as in TIFF 6.0, section 2, and Adobe's BigTIFF. Many tags may tell of the same bytes: readers that copy
    them would need more memory than there is. Raises OverfullError for such a file, and ValueError where the first
    directory is damaged; after it, those are taken that can be read.
    """
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
    mark = struct.unpack(f"{order}H", head[2:4])[0] if order and len(head) >= 8 else 0
    layout = {layout[0]: layout for layout in (NARROW, WIDE)}.get(mark)
    if layout is None or (layout is WIDE and len(head) < 16):
        return []
    (place,) = struct.unpack(f"{order}I", head[4:8]) if layout is NARROW else struct.unpack(f"{order}Q", head[8:])
    allowed = max(MOST_BYTES, file.seek(0, 2))
    found: list[Directory] = []
    seen: set[int] = set()
    entries, told = 0, 0
    while 0 < place < allowed and place not in seen and len(found) < most:
        seen.add(place)
        try:
            table, following = _table(file, order, layout, place)
        except ValueError:
            if not found:
                raise
            break
        entries += len(table)
        told += sum(SIZES.get(kind, 0) * count for _, kind, count, _ in table)
        if entries > MOST_ENTRIES or told > allowed:
            raise OverfullError
        found.append(Directory(_tags(file, order, table)))
        place = following
    return found


def check_directory(exif: bytes) -> None:
    """Raise OverfullError for a block of EXIF whose first directory tells of too many bytes; it may be damaged."""
    try:
        read_directories(io.BytesIO(exif), 1)
    except OverfullError:
        raise
    except ValueError:
        return


def profile_of(file: BinaryIO, directory: Directory) -> bytes:
    """The color profile that a directory tells of, or nothing."""
    place, size = directory.tags.get(PROFILE, (0, 0))
    file.seek(place)
    return file.read(size)


def _table(file: BinaryIO, order: str, layout: tuple[int, str, str, str], place: int) -> tuple[list[Any], int]:
    """The entries of a directory, tag, type, count, and value or where it lies; and where the next directory lies."""
    _, count_as, entry_as, place_as = layout
    file.seek(place)
    (count,) = struct.unpack(f"{order}{count_as}", take(file, struct.calcsize(f"={count_as}")))
    if count > MOST_ENTRIES:
        raise ValueError("its directory is damaged")
    size = struct.calcsize(f"={entry_as}")
    table = list(struct.iter_unpack(f"{order}{entry_as}", take(file, size * count)))
    after = file.read(struct.calcsize(f"={place_as}"))
    following = struct.unpack(f"{order}{place_as}", after)[0] if len(after) == struct.calcsize(f"={place_as}") else 0
    return table, following


def _tags(file: BinaryIO, order: str, table: list[Any]) -> dict[int, Any]:
    tags: dict[int, Any] = {}
    for tag, kind, count, content in table:
        size = SIZES.get(kind, 0) * count
        (place,) = struct.unpack(f"{order}{'I' if len(content) == 4 else 'Q'}", content)
        if tag == PROFILE and size > len(content) and place < MOST_PLACE:
            tags[tag] = place, size
        if tag not in LAYOUT or not 0 < count <= MOST_VALUES:
            continue
        if size > len(content) and place < MOST_PLACE:
            file.seek(place)
            content = file.read(size)
        if len(content) < size:
            continue
        if kind in NUMBERS:
            values = struct.unpack(f"{order}{count}{NUMBERS[kind]}", content[:size])
            tags[tag] = values if count > 1 and tag in LISTS else values[0]
        elif kind == RATIONAL:
            above, below = struct.unpack(f"{order}2I", content[:8])
            tags[tag] = above / below if below else 0.0
    return tags


def take(file: BinaryIO, size: int) -> bytes:
    """So many bytes of a file. Raises ValueError where it has fewer."""
    content = file.read(size)
    if len(content) < size:
        raise ValueError("it is truncated")
    return content
