"""Packed pictures on disk: decoded once, mapped into memory at every later start."""

import json
import sys
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from filelock import FileLock, Timeout

from huesweep.data.checksums import checksum_of, is_whole, note_whole
from huesweep.data.pictures import Pack, PictureSet, Split
from huesweep.errors import printable
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.digest import digest_of
from huesweep.io.disk import disk_error
from huesweep.io.leftovers import remove_leftovers

LAYOUT = 2  # part of every key: a new layout makes new packs
MOST_NOTES = 10  # printed
COPIED = 256  # pictures at a time


class Chunk(NamedTuple):
    """Some pictures on their way into a pack. pictures: uint8 (n, 3, H, W); labels: (n,), indices into classes."""

    pictures: np.ndarray
    labels: np.ndarray


class Contents(NamedTuple):
    """What goes into a pack. notes: lines about what was left out, complete once the chunks have run out."""

    classes: list[str]
    chunks: Iterable[Chunk]
    notes: list[str]


class PackStore:
    """A folder of packs: the pictures' bytes in <source>-<digest>.u8, and labels, classes and origin in a .json."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, origin: dict[str, Any], make: Callable[[], Contents]) -> PictureSet:
        """The pictures described by `origin`: mapped from their pack, or made and packed.

        origin: plain values that shape the pictures, all of them; a digest over them names the pack. A pack that is
        damaged or cut off is made again; of several processes that need the same one, one makes it and the others wait.
        What killed processes have left is removed. Raises UsageError where the disk is full; nothing is left behind
        then.
        """
        try:
            return self._load(origin, make)
        except OSError as error:
            raise disk_error(error, "drop packs (python -m src.data clear=all) or set paths.cache") or error from None

    def load_if_writable(self, origin: dict[str, Any], make: Callable[[], Contents]) -> PictureSet | None:
        """As load, but None where the pack is not there and the disk is full or can't be written to."""
        try:
            return self._load(origin, make)
        except OSError as error:
            if disk_error(error) is None:
                raise
            return None

    def _load(self, origin: dict[str, Any], make: Callable[[], Contents]) -> PictureSet:
        remove_unfinished(self.folder)
        path = self.folder / f"{origin['source']}-{digest_of(LAYOUT, origin)}.u8"
        mapped = _map(path)
        if mapped is not None:
            return mapped
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            mapped = _map(path)
            if mapped is None:
                _write(path, make(), origin)
                mapped = _map(path)
        if mapped is None:
            raise RuntimeError(f"{path} can't be read back")
        return mapped


def part_of_set(of: PictureSet, kept: np.ndarray, split: Split | None = None) -> PictureSet:
    """Some pictures of a set, in an order: where the set is mapped from a pack, from one of their own, made once.

    Where that pack can't be made, for want of room or of leave to write, the part is held in memory.
    kept: (n,) places in the set. split: which of the set's splits they are, if they are one.
    """
    places = torch.from_numpy(kept)
    if of.pack is not None:
        told = {"is_part": True} if split is None else {"split": split}
        earlier = of.pack.origin.get("kept", [])
        origin = {**of.pack.origin, **told, "kept": [*earlier, digest_of(kept.tolist())]}
        chunks = (Chunk(of.pictures[rows].numpy(), of.labels[rows].numpy()) for rows in places.split(COPIED))
        mapped = PackStore(of.pack.folder).load_if_writable(origin, lambda: Contents(of.classes, chunks, []))
        if mapped is not None:
            return mapped
    return PictureSet(of.pictures[places], of.labels[places], of.classes)


def describe_pack(path: Path) -> dict[str, Any]:
    """What a pack's .json says. Raises OSError or ValueError where it can't be read."""
    return json.loads(path.with_suffix(".json").read_text())


def remove_pack(path: Path) -> None:
    """Delete a pack; its description first, without which it does not exist."""
    for suffix in (".json", ".u8", ".seen", ".lock"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed have left of packs; what one is at work on stays."""
    remove_leftovers(folder)
    for path in folder.glob("*.u8"):
        if not path.with_suffix(".json").exists():
            with suppress(Timeout, OSError), FileLock(path.with_suffix(".lock"), blocking=False):
                if not path.with_suffix(".json").exists():
                    path.unlink(missing_ok=True)


def is_pack_whole(path: Path) -> bool:
    """Whether a pack is there and every byte of it what was written, read anew."""
    about = _read_description(path)
    try:
        return about is not None and checksum_of(path) == about["crc32"]
    except OSError:
        return False


def print_notes(notes: list[str]) -> None:
    """Print lines about what was left out, the first ones where there are many."""
    for note in notes[:MOST_NOTES]:
        print(printable(note), file=sys.stderr)  # it holds names of files
    if len(notes) > MOST_NOTES:
        print(f"… and {len(notes) - MOST_NOTES} more: python -m src.data shows all", file=sys.stderr)


def _read_description(path: Path) -> dict[str, Any] | None:
    """A pack's description, unless it is missing, damaged, or that of a file of another size."""
    try:
        about = describe_pack(path)
        digest = about.pop("digest")
        is_own = digest == digest_of(about) and path.stat().st_size == int(np.prod(about["shape"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return about if is_own else None


def _map(path: Path) -> PictureSet | None:
    about = _read_description(path)
    try:
        if about is None or not is_whole(path, about["crc32"]):
            return None
    except OSError:
        return None
    shape, labels, classes = tuple(about["shape"]), about["labels"], about["classes"]
    labels = torch.tensor(labels, dtype=torch.int64)
    pack = Pack(path.parent, about["origin"])
    if shape[0] == 0:
        return PictureSet(torch.empty(shape, dtype=torch.uint8), labels, classes, pack)
    # Private to the process: nothing that is done to the tensor reaches the file.
    pictures = torch.from_file(str(path), shared=False, size=int(np.prod(shape)), dtype=torch.uint8)
    return PictureSet(pictures.view(shape), labels, classes, pack)


def _write(path: Path, contents: Contents, origin: dict[str, Any]) -> None:
    shape: tuple[int, ...] = ()
    labels: list[int] = []
    checksum = 0

    def write_chunks(file: BinaryIO) -> None:
        nonlocal shape, checksum
        for chunk in contents.chunks:
            shape = chunk.pictures.shape[1:]
            labels.extend(chunk.labels.tolist())
            pixels = np.ascontiguousarray(chunk.pictures).data
            checksum = zlib.crc32(pixels, checksum)
            file.write(pixels)

    write_atomically(path, write_chunks)
    print_notes(contents.notes)
    about = {
        "origin": origin,
        "shape": [len(labels), *(shape or (3, 0, 0))],
        "classes": contents.classes,
        "notes": contents.notes,
        "labels": labels,
        "crc32": checksum,
    }
    # The description comes last: without it the pack does not exist.
    write_text_atomically(path.with_suffix(".json"), json.dumps({**about, "digest": digest_of(about)}))
    note_whole(path)
