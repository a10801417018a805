"""Caltech-101 (Fei-Fei, Fergus & Perona 2004): photographs of objects in 101 classes, of many sizes."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from huesweep.color.colorfulness import colorfulness
from huesweep.data.decoding import Fit
from huesweep.data.download import PublishedCopy
from huesweep.data.packing import decode_files
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import count_of, stratified_order
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.errors import UsageError, unknown
from huesweep.io.archives import Bounds
from huesweep.io.digest import digest_of
from huesweep.ranges import Amount, Count, NonNegative, Whole

URL = "https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip"
MD5 = "3138e1922a9193bfa496528edbbc45d0"
BOUNDS = Bounds(download=500_000_000, unpacked=1_200_000_000, members=40_000)  # published: 137 MB, 300 MB, 9,300
FOLDER = "caltech101/101_ObjectCategories"  # below data.root, as torchvision lays it out
ALSO = ("caltech-101/101_ObjectCategories",)  # as the publisher's archive unpacks
NO_CLASS = "BACKGROUND_Google"  # pictures found by searching for nothing in particular


class Caltech101Source(Source):
    """Photographs brought to one size; gray ones are left out; splits are drawn by seed, with each class's share.

    root: 101_ObjectCategories, a folder above it or with the archive, or into which that goes; None for `home`.
    download: fetch what is missing, from `url` with `md5` or from the publisher. size, fit: see fit_to. classes: names
    to keep, or None for all. min_colorfulness: pictures below it (Hasler & Süsstrunk's measure, at `size`) are dropped.
    test, validation: pictures, as a share below 1 or a number; train: at most so many of the rest, or None for all.
    seed: of the splits. cache: folder of packs.
    """

    name = "caltech101"

    def __init__(
        self,
        root: str | None,
        home: str,
        download: bool,
        url: str | None,
        md5: str | None,
        size: Count,
        fit: Fit,
        classes: list[str] | None,
        min_colorfulness: NonNegative,
        train: Whole | None,
        validation: Amount,
        test: Amount,
        seed: Whole,
        cache: str,
    ) -> None:
        self.copy = PublishedCopy(
            name=self.name,
            folder=FOLDER,
            root=root,
            home=home,
            download=download,
            url=url or URL,
            md5=md5 if url else MD5,
            filename="caltech-101.zip",
            bounds=BOUNDS,
            also=ALSO,
            archives=["101_ObjectCategories.tar.gz"],
            recognize=lambda folder: (folder / NO_CLASS).is_dir(),
        )
        self.side = size
        self.fit: Fit = fit
        self.wanted = list(classes) if classes else None
        self.min_colorfulness = min_colorfulness
        self.train = train
        self.validation = validation
        self.test = test
        self.seed = seed
        self.store = PackStore(Path(cache))

    @property
    def folder(self) -> Path:
        return self.copy.path

    def check(self) -> None:
        self.copy.check()
        if self.folder.is_dir():
            _ = self._classes

    def load(self, split: Split) -> PictureSet:
        self.copy.fetch()
        whole = self._whole
        chosen = self._split(whole.labels.numpy())[split]
        return PictureSet(whole.pictures[chosen], whole.labels[chosen], whole.classes)

    @cached_property
    def _classes(self) -> list[str]:
        there = sorted(path.name for path in self.folder.iterdir() if path.is_dir() and path.name != NO_CLASS)
        if not there:
            raise UsageError(f"{self.folder} holds no class folders")
        for name in self.wanted or []:
            if name not in there:
                raise unknown("class", name, there)
        if self.wanted and len(set(self.wanted)) < len(self.wanted):
            raise UsageError(f"data.classes names a class twice: {', '.join(self.wanted)}")
        return self.wanted or there

    @cached_property
    def _whole(self) -> PictureSet:
        """All pictures that stay, in the order of their names."""
        classes = self._classes
        for name in classes:
            self.copy.check_own(self.folder / name)
        files = [
            (path, label) for label, name in enumerate(classes) for path in sorted((self.folder / name).glob("*.jpg"))
        ]
        for path, _ in files:
            if path.is_symlink() or not path.is_file():  # only then worth the time that it takes
                self.copy.check_own(path)
        facts = [(str(path.relative_to(self.folder)), path.stat().st_size) for path, _ in files]
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
        order = stratified_order(labels, self.seed)
        test = count_of(self.test, len(order), "test")
        validation = count_of(self.validation, len(order) - test, "validation")
        rest = order[test + validation :]
        train = len(rest) if self.train is None else count_of(self.train, len(rest), "train")
        return {"test": order[:test], "validation": order[test : test + validation], "train": rest[:train]}
