"""Color pictures of one size in a NumPy file, as a notebook saves them."""

from pathlib import Path

import numpy as np
import torch

from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import count_of, drawn_splits, stratified_order
from huesweep.errors import UsageError
from huesweep.io.npy import split_npy
from huesweep.ranges import Amount, Whole

SMALLEST = 4  # pixels of a side
START = 2**13  # bytes that have a file's header


class ArraysSource(Source):
    """Pictures of a .npy file, uint8 (N, H, W, 3), cut to squares; splits are drawn by seed.

    path: of the file. validation, test: pictures, as a share below 1 or a number. Raises UsageError for another file.
    """

    name = "arrays"
    beside = ("pictures",)

    def __init__(self, path: str | None, validation: Amount, test: Amount, seed: Whole) -> None:
        if not path:
            raise UsageError("data=arrays needs data.path: a .npy file of uint8 pictures (N, H, W, 3)")
        self.path = Path(path).expanduser()
        self.validation = validation
        self.test = test
        self.seed = seed
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
        top, left = ((side - self.side) // 2 for side in self.pictures.shape[1:3])
        chosen = self.pictures[np.sort(parts[split]), top : top + self.side, left : left + self.side]
        pictures = torch.from_numpy(np.ascontiguousarray(chosen.transpose(0, 3, 1, 2)))
        return PictureSet(pictures, torch.zeros(len(pictures), dtype=torch.int64), ["pictures"])
