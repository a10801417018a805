"""What CIFAR-10 and CIFAR-100 (Krizhevsky 2009) share: batches of pictures, and their splits."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic.dataclasses import dataclass
from torchvision.datasets import CIFAR10

from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.cifar_batch import read_batch
from huesweep.data.sources.published import Archive, PublishedSource
from huesweep.data.store import Chunk, Contents
from huesweep.io.archives import Bounds
from huesweep.io.digest import digest_of
from huesweep.ranges import Share
from huesweep.registry import CHECKS

BOUNDS = Bounds(download=500_000_000, unpacked=800_000_000, members=100)  # published: 170 MB, 186 MB, 9


def archive_of(published: type[CIFAR10]) -> Archive:
    """Where torchvision's class gets its files."""
    return Archive(published.base_folder, published.url, published.tgz_md5, published.filename, BOUNDS)


@dataclass(config=CHECKS)
class CifarSource(PublishedSource):
    """Pictures of 32x32 in named classes; a fixed share of the training pictures is set aside for validation.

    A subclass sets `published`, torchvision's class, which knows files and checksums, and `archive`, and gives
    label_key and all_classes.

    verify: compare checksums of files with the published ones. validation: share of the training pictures, 0 for none.
    The others: see PublishedSource.
    """

    side = 32
    published: ClassVar[type[CIFAR10]]
    verify: bool
    validation: Share

    @property
    def label_key(self) -> bytes:
        """Under which key a batch holds the labels."""
        raise NotImplementedError

    @property
    def all_classes(self) -> list[str]:
        """The names of all classes, in the order of their labels."""
        raise NotImplementedError

    def check(self) -> None:
        self.kept_classes(self.all_classes)
        self.copy.check()

    def load(self, split: Split) -> PictureSet:
        classes = self.kept_classes(self.all_classes)
        self.copy.fetch()
        for name, _ in self._all_batches():
            self.copy.check_own(self.folder / name)
        origin = {
            "source": self.name,
            "split": split,
            "classes": classes,
            "labels": self.label_key.decode(),
            "validation": self.validation,
            "verify": self.verify,
            "seed": self.seed,
            "files": self._file_digest(),
        }
        return self.store.load(origin, lambda: Contents(classes, self._read(split), []))

    def _batches(self, training: bool) -> list[tuple[str, str]]:
        return [(name, md5) for name, md5 in (self.published.train_list if training else self.published.test_list)]

    def _all_batches(self) -> list[tuple[str, str]]:
        return [*self._batches(True), *self._batches(False)]

    def recognizes(self, folder: Path) -> bool:
        return all((folder / name).is_file() for name, _ in self._all_batches())

    def _file_digest(self) -> str:
        """Names the copy cheaply: sizes and times of its files stand for their content."""
        files = [self.folder / name for name, _ in self._all_batches()]
        facts = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
        return digest_of(str(self.folder.resolve()), facts)

    def _read(self, split: Split) -> Iterator[Chunk]:
        parts = [
            read_batch(
                self.folder / name, self.name, self.label_key, len(self.all_classes), md5 if self.verify else None
            )
            for name, md5 in self._batches(split != "test")
        ]
        pictures = np.concatenate([part.pictures for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        classes = enumerate(self.kept_classes(self.all_classes))
        position = {self.all_classes.index(name): index for index, name in classes}
        kept = np.flatnonzero(np.isin(labels, list(position)))
        if split != "test":
            kept = kept[self._chosen(split, len(kept))]
        yield Chunk(pictures[kept], np.array([position[label] for label in labels[kept].tolist()], dtype=np.int64))

    def _chosen(self, split: Split, count: int) -> np.ndarray:
        """Which of the kept training pictures belong to `train` or `validation`, in the order of the files."""
        order = np.random.default_rng(self.seed).permutation(count)
        held_out = round(count * self.validation)
        return np.sort(order[:held_out] if split == "validation" else order[held_out:])
