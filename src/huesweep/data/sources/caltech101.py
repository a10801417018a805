"""Caltech-101 (Fei-Fei, Fergus & Perona 2004): photographs of objects in 101 classes, of many sizes."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from pydantic.dataclasses import dataclass

from huesweep.color.colorfulness import colorfulness
from huesweep.data.decoding import Fit
from huesweep.data.packing import decode_files
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.published import Archive, PublishedSource
from huesweep.data.splitting import drawn_splits, stratified_order
from huesweep.data.store import Chunk, Contents, part_of_set
from huesweep.errors import UsageError
from huesweep.io.archives import Bounds
from huesweep.io.digest import digest_of
from huesweep.ranges import Amount, Count, NonNegative, Whole
from huesweep.registry import CHECKS

ARCHIVE = Archive(
    "caltech101/101_ObjectCategories",  # below data.root, as torchvision lays it out
    "https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip",
    "3138e1922a9193bfa496528edbbc45d0",
    "caltech-101.zip",
    Bounds(download=500_000_000, unpacked=1_200_000_000, members=40_000),  # published: 137 MB, 300 MB, 9,300
    also=("caltech-101/101_ObjectCategories",),  # as the publisher's archive unpacks
    archives=("101_ObjectCategories.tar.gz",),
)
NO_CLASS = "BACKGROUND_Google"  # pictures found by searching for nothing in particular


@dataclass(config=CHECKS)
class Caltech101Source(PublishedSource):
    """Photographs brought to one size; gray ones are left out; splits are drawn by seed, with each class's share.

    size, fit: see fit_to. min_colorfulness: pictures below it (Hasler & Süsstrunk's measure, at `size`) are dropped.
    test, validation: pictures, as a share up to 1.0 or a number; train: at most so many of the rest, or None for all.
    The others: see PublishedSource.
    """

    name = "caltech101"
    archive = ARCHIVE
    size: Count
    fit: Fit
    min_colorfulness: NonNegative
    train: Whole | None
    validation: Amount
    test: Amount

    def __post_init__(self) -> None:
        super().__post_init__()
        self.side = self.size

    def recognizes(self, folder: Path) -> bool:
        return (folder / NO_CLASS).is_dir()

    def check(self) -> None:
        self.copy.check()
        if self.folder.is_dir():
            _ = self._kept

    def load(self, split: Split) -> PictureSet:
        self.copy.fetch()
        whole = self._whole
        return part_of_set(whole, self._split(whole.labels.numpy())[split], split=split)

    @cached_property
    def _kept(self) -> list[str]:
        there = sorted(path.name for path in self.folder.iterdir() if path.is_dir() and path.name != NO_CLASS)
        if not there:
            raise UsageError(f"{self.folder} holds no class folders")
        return self.kept_classes(there)

    @cached_property
    def _whole(self) -> PictureSet:
        """All pictures that stay, in the order of their names."""
        classes = self._kept
        for name in classes:
            self.copy.check_own(self.folder / name)
        files = [
            (path, label) for label, name in enumerate(classes) for path in sorted((self.folder / name).glob("*.jpg"))
        ]
        for path, _ in files:
            if path.is_symlink() or not path.is_file():  # only then worth the time that it takes
                self.copy.check_own(path)
        facts = [
            (str(path.relative_to(self.folder)), path.stat().st_size, path.stat().st_mtime_ns) for path, _ in files
        ]
        origin = {
            "source": self.name,
            "size": self.side,
            "fit": self.fit,
            "min_colorfulness": self.min_colorfulness,
            "files": digest_of(facts),
        }
        whole = self.store.load(origin, lambda: self._read(classes, files))
        if len(whole.pictures) == 0:
            raise UsageError(
                f"data.min_colorfulness={self.min_colorfulness:g} leaves none of the {len(files)} pictures "
                f"of {self.folder}"
            )
        return whole

    def _read(self, classes: list[str], files: list[tuple[Path, int]]) -> Contents:
        notes: list[str] = []

        def chunks() -> Iterator[Chunk]:
            gray = 0

            def is_colorful(picture: np.ndarray) -> bool:
                nonlocal gray
                stays = colorfulness(torch.from_numpy(picture)[None]).item() >= self.min_colorfulness
                gray += not stays
                return stays

            def note(path: Path, reason: str) -> None:
                notes.append(f"skipped {path.relative_to(self.folder)}: {reason}")

            yield from decode_files(files, self.side, self.fit, self.name, note, is_colorful)
            notes.append(f"dropped {gray} of {len(files)} pictures: colorfulness below {self.min_colorfulness:g}")

        return Contents(classes, chunks(), notes)

    def _split(self, labels: np.ndarray) -> dict[Split, np.ndarray]:
        splits = drawn_splits(stratified_order(labels, self.seed), self.validation, self.test)
        splits["train"] = splits["train"][: self.train]
        return splits
