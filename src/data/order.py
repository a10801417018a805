"""In which order pictures come: by seed and epoch alone, so that a resumed run sees what it would have seen."""

from collections.abc import Iterator

import torch
from torch import Tensor


class BatchOrder:
    """Yields the indices of one epoch's batches. Lightning calls set_epoch before each epoch.

    count: pictures. batch_size: at most. shuffle: a new order each epoch, or always 0, 1, 2, …
    """

    def __init__(self, count: int, batch_size: int, shuffle: bool, seed: int) -> None:
        self.count = count
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def generator(self) -> torch.Generator:
        """A source of random numbers for the epoch; two calls give two that agree."""
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)

    def __len__(self) -> int:
        return -(-self.count // self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        """int64 indices, one tensor a batch; the last may be short."""
        order = torch.randperm(self.count, generator=self.generator()) if self.shuffle else torch.arange(self.count)
        yield from order.split(self.batch_size)
