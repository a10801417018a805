"""Color pictures of one size in a NumPy file, as a notebook saves them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import count_of, drawn_splits, stratified_order
from huesweep.data.store import COPIED, Chunk, Contents, PackStore
from huesweep.errors import UsageError
from huesweep.io.digest import digest_of
from huesweep.io.npy import split_npy
from huesweep.ranges import Amount, Whole

SMALLEST = 4  # pixels of a side
START = 2**13  # bytes that have a file's header


class ArraysSource(Source):
    """Pictures of a .npy file, uint8 (N, H, W, 3), cut to squares; splits are drawn by seed.

    path: of the file. validation, test: pictures, as a share up to 1.0 or a number. cache: folder of packs. Raises
    UsageError for another file.
    """

    name = "arrays"
    beside = ("pictures",)

    def __init__(self, path: str | None, validation: Amount, test: Amount, seed: Whole, cache: str) -> None:
        if not path:
            raise UsageError("data=arrays needs data.path: a .npy file of uint8 pictures (N, H, W, 3)")
        self.path = Path(path).expanduser()
        self.validation = validation
        self.test = test
        self.seed = seed
        self.store = PackStore(Path(cache))
        self.pictures = self._map()
        self.side = min(self.pictures.shape[1:3])

    def _map(self) -> np.ndarray:
        try:
            with self.path.open("rb") as file:
                split_npy(file.read(START))  # NumPy evaluates what a header says
            pictures: np.ndarray = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, SyntaxError, TypeError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "not a whole NumPy file of numbers"
            raise UsageError(f"data.path={self.path} can't be read: {reason}") from None
        if pictures.dtype != np.uint8 or pictures.shape[3:] != (3,):
            found = f"{pictures.dtype} {pictures.shape}"
            raise UsageError(f"data.path={self.path} must hold uint8 pictures (N, H, W, 3), not {found}")
        if len(pictures) < 2 or min(pictures.shape[1:3]) < SMALLEST:
            raise UsageError(f"data.path={self.path} has too few or too small pictures: {pictures.shape}")
        return pictures

    def load(self, split: Split) -> PictureSet:
        order = stratified_order(np.zeros(len(self.pictures)), self.seed)
        tests = max(1, count_of(self.test, len(order), "test")) if self.test else 0
        parts = drawn_splits(order, self.validation, tests)
        chosen = np.sort(parts[split])
        about = self.path.stat()
        origin = {
            "source": self.name,
            "split": split,
            "file": [str(self.path.resolve()), about.st_size, about.st_mtime_ns],
            "chosen": digest_of(chosen.tolist()),
        }
        return self.store.load(origin, lambda: Contents(["pictures"], self._cut(chosen), []))

    def _cut(self, chosen: np.ndarray) -> Iterator[Chunk]:
        top, left = ((side - self.side) // 2 for side in self.pictures.shape[1:3])
        middle = self.pictures[:, top : top + self.side, left : left + self.side].transpose(0, 3, 1, 2)
        for start in range(0, max(1, len(chosen)), COPIED):
            rows = chosen[start : start + COPIED]
            yield Chunk(middle[rows], np.zeros(len(rows), np.int64))
