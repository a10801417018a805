"""Color pictures of one size in a NumPy file, as a notebook saves them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import count_of, drawn_splits, stratified_order
from huesweep.data.store import COPIED, Chunk, Contents, PackStore
from huesweep.errors import UsageError
from huesweep.io.digest import digest_of
from huesweep.io.fingerprint import fingerprint
from huesweep.io.npy import split_npy
from huesweep.io.plain_arrays import number_type
from huesweep.ranges import Amount, Whole

SMALLEST = 4  # pixels of a side
START = 2**13  # bytes that have a file's header


class ArraysSource(Source):
    """Pictures of a .npy file, uint8 (N, H, W, 3), cut to squares; splits are drawn by seed.

    path: of the file. validation, test: pictures, as a share up to 1.0 or a number. cache: folder of packs. pictures:
    the file's fingerprint, where it is known: a copy of the file then has the same packs. Raises UsageError for another
    file.
    """

    name = "arrays"

    def __init__(
        self,
        path: str | None,
        validation: Amount,
        test: Amount,
        seed: Whole,
        cache: str,
        pictures: str | None = None,
    ) -> None:
        if not path:
            raise UsageError("data=arrays needs data.path: a .npy file of uint8 pictures (N, H, W, 3)")
        self.path = Path(path).expanduser()
        self.validation = validation
        self.test = test
        self.seed = seed
        self.store = PackStore(Path(cache))
        self.known = pictures
        self.pictures, self.about = self._map()
        self.side = min(self.pictures.shape[1:3])

    def _map(self) -> tuple[np.ndarray, os.stat_result]:
        """The pictures, and what is told of the very file that they lie in: another may take its place at any time."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                start = file.read(START)
                npy = split_npy(start)  # NumPy evaluates what a header says
                place = len(start) - len(npy.content)
                order: Literal["F", "C"] = "F" if npy.fortran_order else "C"
                pictures = np.memmap(file, number_type(npy.code), "r", place, npy.shape, order)
        except (OSError, ValueError, SyntaxError, TypeError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "not a whole NumPy file of numbers"
            raise UsageError(f"data.path={self.path} can't be read: {reason}") from None
        if pictures.dtype != np.uint8 or pictures.shape[3:] != (3,):
            found = f"{pictures.dtype} {pictures.shape}"
            raise UsageError(f"data.path={self.path} must hold uint8 pictures (N, H, W, 3), not {found}")
        if len(pictures) < 2 or min(pictures.shape[1:3]) < SMALLEST:
            raise UsageError(f"data.path={self.path} has too few or too small pictures: {pictures.shape}")
        return pictures, about

    def load(self, split: Split) -> PictureSet:
        order = stratified_order(np.zeros(len(self.pictures)), self.seed)
        tests = max(1, count_of(self.test, len(order), "test")) if self.test else 0
        parts = drawn_splits(order, self.validation, tests)
        chosen = np.sort(parts[split])
        origin = {
            "source": self.name,
            "split": split,
            "file": self._file,
            "chosen": digest_of(chosen.tolist()),
        }
        return self.store.load(origin, lambda: Contents(["pictures"], self._cut(chosen), []))

    @cached_property
    def _file(self) -> list[Any]:
        """What the file is, in a pack's name: what it holds, or else where it lies and when it was written.

        The fingerprint that the source was given may be of what lay there earlier, or of a trial's file elsewhere: it
        is compared with the file's own, which is noted and seldom read for.
        """
        size, written = self.about.st_size, self.about.st_mtime_ns
        if self.known is not None and self.known == fingerprint(self.path, (), self.store.folder.parent):
            with suppress(OSError):
                now = self.path.stat()
                if os.path.samestat(now, self.about) and (now.st_size, now.st_mtime_ns) == (size, written):
                    return [self.known, size]
        return [str(self.path.resolve()), size, written]

    def _cut(self, chosen: np.ndarray) -> Iterator[Chunk]:
        top, left = ((side - self.side) // 2 for side in self.pictures.shape[1:3])
        middle = self.pictures[:, top : top + self.side, left : left + self.side].transpose(0, 3, 1, 2)
        for start in range(0, max(1, len(chosen)), COPIED):
            rows = chosen[start : start + COPIED]
            yield Chunk(middle[rows], np.zeros(len(rows), np.int64))
