"""Copies of CIFAR-10 in its publisher's layout, and the source that reads them."""

import tarfile
from pathlib import Path

from huesweep.data.sources.cifar10 import Cifar10Source
from huesweep.io.archives import Bounds
from tests.data.test_cifar10 import write_copy

WANTED = "cifar-10-batches-py"
BOUNDS = Bounds(download=10_000_000, unpacked=10_000_000, members=100)


def cifar(root: Path, cache: Path) -> Cifar10Source:
    return Cifar10Source(str(root), str(cache), False, None, None, None, 0, str(cache), False, 0.1)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def pack(root: Path, archive: Path, top: str = WANTED) -> None:
    """A tar.gz of a copy of CIFAR-10, as its publisher lays it out, below `root`."""
    write_copy(root)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, mode="w:gz") as tar:
        tar.add(root / WANTED, top)
