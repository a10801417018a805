"""CIFAR-10 (Krizhevsky 2009): an existing copy, or torchvision's download."""

import hashlib
import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import torch
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import download_and_extract_archive

from src.data.pictures import PictureSet, Split
from src.data.sources.base import Source
from src.data.store import PackStore
from src.errors import UsageError, unknown
from src.files.safe_pickle import load_arrays

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class Cifar10Source(Source):
    """The 60,000 pictures of 32x32 in ten classes; a fixed share of the training pictures is set aside for validation.

    root: an existing folder that holds cifar-10-batches-py, or into which it is downloaded; None for `home`, which is
    made when needed. download: fetch what is missing. verify: compare checksums with the published ones. classes: names
    to keep, or None for all; labels count within them. validation: share of the training pictures, 0 for none. seed:
    chooses them. cache: folder of packs. Raises UsageError for values outside these.
    """

    name = "cifar10"

    def __init__(
        self,
        root: str | None,
        home: str,
        download: bool,
        verify: bool,
        classes: list[str] | None,
        validation: float,
        seed: int,
        cache: str,
    ) -> None:
        self.classes = [classes] if isinstance(classes, str) else list(classes or CLASSES)
        for name in self.classes:
            if name not in CLASSES:
                raise unknown("class", name, CLASSES)
        if len(set(self.classes)) < len(self.classes):
            raise UsageError(f"data.classes names a class twice: {', '.join(self.classes)}")
        if not 0 <= validation < 1:
            raise UsageError(
                f"data.validation is a share of the training pictures, 0 or more, below 1, not {validation}"
            )
        self.root = Path(root or home).expanduser()
        self.root_is_given = root is not None
        self.download = download
        self.verify = verify
        self.validation = validation
        self.seed = seed
        self.store = PackStore(Path(cache))

    @property
    def folder(self) -> Path:
        return self.root / CIFAR10.base_folder

    def check(self) -> None:
        if self.root_is_given and not self.root.is_dir():
            raise UsageError(
                f"data.root={self.root} does not exist: point it at the folder that holds {CIFAR10.base_folder}, "
                "or make it (mkdir -p) to download into it"
            )
        if not self.download and not self.folder.is_dir():
            raise UsageError(
                f"data.root={self.root} holds no {CIFAR10.base_folder}: point it at a copy, or set data.download=true"
            )

    def load(self, split: Split) -> PictureSet:
        self.check()
        if not self.folder.is_dir():
            self._download()
        origin = {
            "source": self.name,
            "split": split,
            "classes": self.classes,
            "validation": self.validation,
            "verify": self.verify,
            "seed": self.seed,
            "files": self._file_digest(),
        }
        return self.store.load(origin, lambda: self._read(split))

    def _download(self) -> None:
        try:
            download_and_extract_archive(CIFAR10.url, str(self.root), filename=CIFAR10.filename, md5=CIFAR10.tgz_md5)
        except (URLError, OSError, RuntimeError) as error:
            raise UsageError(
                f"CIFAR-10 can't be downloaded ({error}): use data=photos, which needs no download, or put a copy of "
                f"{CIFAR10.base_folder} below data.root={self.root}"
            ) from None

    def _batches(self, training: bool) -> list[tuple[str, str]]:
        return CIFAR10.train_list if training else CIFAR10.test_list

    def _file_digest(self) -> str:
        """Names the copy cheaply: sizes and times of its files stand for their content."""
        files = [self.folder / name for name, _ in (*self._batches(True), *self._batches(False))]
        facts = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
        return hashlib.sha256(repr((str(self.folder.resolve()), facts)).encode()).hexdigest()[:16]

    def _read(self, split: Split) -> PictureSet:
        parts = [self._read_batch(name, md5) for name, md5 in self._batches(split != "test")]
        pictures = np.concatenate([part[0] for part in parts])
        labels = np.concatenate([part[1] for part in parts])
        kept = np.flatnonzero(np.isin(labels, [CLASSES.index(name) for name in self.classes]))
        if split != "test":
            kept = kept[self._chosen(split, len(kept))]
        position = {CLASSES.index(name): index for index, name in enumerate(self.classes)}
        return PictureSet(
            torch.from_numpy(pictures[kept]),
            torch.tensor([position[label] for label in labels[kept].tolist()]),
            list(self.classes),
        )

    def _chosen(self, split: Split, count: int) -> np.ndarray:
        """Which of the kept training pictures belong to `train` or `validation`, in the order of the files."""
        order = np.random.default_rng(self.seed).permutation(count)
        held_out = round(count * self.validation)
        return np.sort(order[:held_out] if split == "validation" else order[held_out:])

    def _read_batch(self, name: str, md5: str) -> tuple[np.ndarray, np.ndarray]:
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} can't be read ({error.strerror}): fetch the data set again") from None
        if self.verify and hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
            raise UsageError(
                f"{path} is not the published file (md5 differs): fetch it again, or set data.verify=false"
            )
        try:
            with path.open("rb") as file:
                batch: dict[bytes, Any] = load_arrays(file)
            rows, labels = np.asarray(batch[b"data"]), np.asarray(batch[b"labels"], dtype=np.int64)
            if rows.dtype != np.uint8 or rows.shape != (len(labels), 3072):
                raise ValueError(f"holds {rows.dtype} {rows.shape} for {len(labels)} labels")
            if labels.min() < 0 or labels.max() >= len(CLASSES):
                raise ValueError("holds labels outside 0 to 9")
        except (pickle.UnpicklingError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path} is not a CIFAR-10 batch: it {error}") from None
        return rows.reshape(-1, 3, 32, 32), labels
