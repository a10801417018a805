"""In which order pictures come: by seed and epoch alone, so that a resumed run sees what it would have seen."""

from collections.abc import Iterator

import torch
from torch import Tensor

from huesweep.errors import UsageError


class BatchOrder:
    """Yields the indices of one epoch's batches. Lightning calls set_epoch before each epoch.

    count: pictures. batch_size: at most, per process. shuffle: a new order each epoch, or always 0, 1, 2, …
    fixed: shuffle once, and keep the order of the first epoch.
    rank, world: of several processes that share an epoch, this one and how many; together they see every picture once,
    and all have the same number of batches, whose sizes differ by one at most. Raises UsageError for so few pictures
    in so small batches that a process would have nothing in one.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        shuffle: bool,
        seed: int,
        rank: int = 0,
        world: int = 1,
        fixed: bool = False,
    ) -> None:
        self.count = count
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.rank = rank
        self.world = world
        self.fixed = fixed
        self.epoch = 0
        if count < len(self) * world:
            raise UsageError(
                f"{count} pictures in batches of {batch_size} leave one of {world} devices without any: "
                "use larger batches or fewer devices"
            )

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def generator(self) -> torch.Generator:
        """A source of random numbers for the epoch and process; two calls give two that agree."""
        return torch.Generator().manual_seed((self.seed * 1_000_003 + self.epoch) * 1009 + self.rank)

    def of_view(self, view: int) -> torch.Generator:
        """A source of random numbers for all pictures in one of a few views, the same in every epoch and process."""
        return torch.Generator().manual_seed(self.seed * 1_000_003 + view)

    def __len__(self) -> int:
        return -(-self.count // (self.batch_size * self.world))

    def __iter__(self) -> Iterator[Tensor]:
        """int64 indices, one tensor a batch."""
        shared = torch.Generator().manual_seed(self.seed * 1_000_003 + (0 if self.fixed else self.epoch))
        order = torch.randperm(self.count, generator=shared) if self.shuffle else torch.arange(self.count)
        if self.world == 1:
            yield from order.split(self.batch_size)
        else:
            yield from order.tensor_split(len(self) * self.world)[self.rank :: self.world]
