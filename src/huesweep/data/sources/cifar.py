"""What CIFAR-10 and CIFAR-100 (Krizhevsky 2009) share: an existing copy or a download, and their splits."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from torchvision.datasets import CIFAR10

from huesweep.data.download import PublishedCopy
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.sources.cifar_batch import read_batch
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.errors import UsageError, unknown
from huesweep.io.archives import Bounds
from huesweep.io.digest import digest_of
from huesweep.ranges import Share, Whole

BOUNDS = Bounds(download=500_000_000, unpacked=800_000_000, members=100)  # published: 170 MB, 186 MB, 9


class CifarSource(Source):
    """Pictures of 32x32 in named classes; a fixed share of the training pictures is set aside for validation.

    A subclass sets `published`, torchvision's class, which knows files and checksums, and gives label_key and
    all_classes.

    root: the unpacked archive, the folder that holds it or the archive, or into which that goes; None for `home`,
    which is made when needed. download: fetch what is missing, from `url` with `md5` or from the publisher. verify:
    compare checksums of files with the published ones. classes: names to keep, or None for all; labels count within
    them. validation: share of the training pictures, 0 for none. seed: chooses them. cache: folder of packs.
    Raises UsageError for a class that does not exist or is named twice.
    """

    side = 32

    published: ClassVar[type[CIFAR10]]

    def __init__(
        self,
        root: str | None,
        home: str,
        download: bool,
        url: str | None,
        md5: str | None,
        verify: bool,
        classes: list[str] | None,
        validation: Share,
        seed: Whole,
        cache: str,
    ) -> None:
        self.classes = list(classes or self.all_classes)
        for name in self.classes:
            if name not in self.all_classes:
                raise unknown("class", name, self.all_classes)
        if len(set(self.classes)) < len(self.classes):
            raise UsageError(f"data.classes names a class twice: {', '.join(self.classes)}")
        published = self.published
        self.copy = PublishedCopy(
            name=self.name,
            folder=published.base_folder,
            root=root,
            home=home,
            download=download,
            url=url or published.url,
            md5=md5 if url else published.tgz_md5,
            filename=published.filename,
            bounds=BOUNDS,
            recognize=lambda folder: all((folder / name).is_file() for name, _ in self._all_batches()),
        )
        self.verify = verify
        self.validation = validation
        self.seed = seed
        self.store = PackStore(Path(cache))

    @property
    def label_key(self) -> bytes:
        """Under which key a batch holds the labels."""
        raise NotImplementedError

    @property
    def all_classes(self) -> list[str]:
        """The names of all classes, in the order of their labels."""
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        return self.copy.path

    def check(self) -> None:
        self.copy.check()

    def load(self, split: Split) -> PictureSet:
        self.copy.fetch()
        for name, _ in self._all_batches():
            self.copy.check_own(self.folder / name)
        origin = {
            "source": self.name,
            "split": split,
            "classes": self.classes,
            "labels": self.label_key.decode(),
            "validation": self.validation,
            "verify": self.verify,
            "seed": self.seed,
            "files": self._file_digest(),
        }
        return self.store.load(origin, lambda: Contents(list(self.classes), self._read(split), []))

    def _batches(self, training: bool) -> list[tuple[str, str]]:
        return [(name, md5) for name, md5 in (self.published.train_list if training else self.published.test_list)]

    def _all_batches(self) -> list[tuple[str, str]]:
        return [*self._batches(True), *self._batches(False)]

    def _file_digest(self) -> str:
        """Names the copy cheaply: sizes and times of its files stand for their content."""
        files = [self.folder / name for name, _ in self._all_batches()]
        facts = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
        return digest_of(str(self.folder.resolve()), facts)

    def _read(self, split: Split) -> Iterator[Chunk]:
        parts = [self._read_batch(name, md5) for name, md5 in self._batches(split != "test")]
        pictures = np.concatenate([part.pictures for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        kept = np.flatnonzero(np.isin(labels, [self.all_classes.index(name) for name in self.classes]))
        if split != "test":
            kept = kept[self._chosen(split, len(kept))]
        position = {self.all_classes.index(name): index for index, name in enumerate(self.classes)}
        yield Chunk(pictures[kept], np.array([position[label] for label in labels[kept].tolist()], dtype=np.int64))

    def _chosen(self, split: Split, count: int) -> np.ndarray:
        """Which of the kept training pictures belong to `train` or `validation`, in the order of the files."""
        order = np.random.default_rng(self.seed).permutation(count)
        held_out = round(count * self.validation)
        return np.sort(order[:held_out] if split == "validation" else order[held_out:])

    def _read_batch(self, name: str, md5: str) -> Chunk:
        checked = md5 if self.verify else None
        return read_batch(self.folder / name, self.name, self.label_key, len(self.all_classes), checked)
