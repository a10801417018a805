"""How fast pictures reach the network, how soon the first one does, and what memory that takes."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, RandomHorizontalFlip, ToTensor

from huesweep.benchmarks.report import Row, alternate
from huesweep.data.augmentation import Augmentation
from huesweep.data.batches import PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.pictures import PictureSet
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.data.tasks.base import Task

COUNTS = (5_000, 50_000)
BATCH = 100
MEMORY_SCRIPT = (
    "import sys; from huesweep.benchmarks.data import print_memory; print_memory(sys.argv[1], int(sys.argv[2]))"
)


def run() -> Iterator[Row]:
    """Measure on pictures of 32x32 with random content: speed does not depend on it."""
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            pictures = load(folder, count).pictures
            theirs = torchvision_loader(pictures)

            def our_speed(pictures: torch.Tensor = pictures, count: int = count) -> float:
                started = time.perf_counter()
                for _ in our_batches(pictures):
                    pass
                return count / (time.perf_counter() - started)

            def their_speed(theirs: DataLoader = theirs, count: int = count) -> float:
                started = time.perf_counter()
                for _ in theirs:
                    pass
                return count / (time.perf_counter() - started)

            def our_start(folder: str = folder, count: int = count) -> float:
                started = time.perf_counter()
                next(iter(our_batches(load(folder, count).pictures)))
                return time.perf_counter() - started

            our_speed(), our_start()  # the first pass brings the pack into memory
            (ours, ours_spread), (others, others_spread), (start, start_spread) = alternate(
                3, our_speed, their_speed, our_start
            )
            is_whole = count == COUNTS[-1]
            yield Row(f"our batches, {count:,} pictures", ours, "pictures/s", ours_spread)
            yield Row(f"torchvision, 2 workers, {count:,} pictures", others, "pictures/s", others_spread)
            yield Row(f"ratio, {count:,} pictures", ours / others, "times", target=20 if is_whole else None)
            yield Row(f"start to first batch, {count:,} pictures", start, "s", start_spread, 0.3, "lower")
            memory = resident_memory(folder, count) / pictures.numel()
            yield Row(f"resident memory, {count:,} pictures", memory, "of the pictures' bytes", 0.0, 1.2, "lower")


def load(folder: str, count: int) -> PictureSet:
    """Pictures from their pack, which is made at the first call."""

    def contents() -> Contents:
        levels = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
        return Contents(["random"], [Chunk(levels, np.zeros(count, dtype=np.int64))], [])

    return PackStore(Path(folder)).load({"source": "random", "count": count}, contents)


def our_batches(pictures: torch.Tensor) -> Iterator[torch.Tensor]:
    """One epoch as in training: shuffled, mirrored at random, as floats."""
    order = BatchOrder(len(pictures), BATCH, shuffle=True, seed=0)
    for batch, _ in PairBatches(pictures, _AsIs(), order, Augmentation(flip=True), torch.device("cpu")):
        yield batch


class _AsIs(Task):
    """Gives the picture itself, as torchvision's loader does."""

    def input(self, rgb: torch.Tensor) -> torch.Tensor:
        return rgb


def torchvision_loader(pictures: torch.Tensor) -> DataLoader:
    """The usual way: torchvision's dataset with the same pictures, transformed one by one in two worker processes."""
    return DataLoader(torchvision_dataset(pictures, RandomHorizontalFlip()), BATCH, shuffle=True, num_workers=2)


def torchvision_dataset(pictures: torch.Tensor, *transforms: Callable[[Any], Any]) -> CIFAR10:
    """uint8 pictures (N, 3, H, W) as torchvision has CIFAR-10: each through PIL, the transforms and ToTensor."""
    dataset = CIFAR10.__new__(CIFAR10)
    dataset.data = pictures.permute(0, 2, 3, 1).contiguous().numpy()
    dataset.targets = [0] * len(pictures)
    dataset.transform, dataset.target_transform = Compose([*transforms, ToTensor()]), None
    return dataset


def resident_memory(folder: str, count: int) -> int:
    """Bytes that a fresh process takes more for loading the pack and one epoch of batches."""
    command = [sys.executable, "-c", MEMORY_SCRIPT, folder, str(count)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def print_memory(folder: str, count: int) -> None:
    """In the fresh process: warm up on few pictures, load all, go through an epoch, and print the difference."""
    for _ in our_batches(torch.zeros(2 * BATCH, 3, 32, 32, dtype=torch.uint8)):
        pass
    before = _resident()
    pictures = load(folder, count).pictures
    for _ in our_batches(pictures):
        pass
    print(_resident() - before)


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
