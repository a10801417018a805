"""Batches of pairs: cut from the device's memory, or read from the pack by workers where that is too small."""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_all_start_methods
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from huesweep.color.spaces import to_float
from huesweep.data.augmentation import Augmentation
from huesweep.data.order import BatchOrder
from huesweep.data.tasks.base import Task

Encode = Callable[[Tensor, Tensor, int], Any]


class PairBatches:
    """Iterates over batches of (input, color) on a device, in an order that is the same on both ways there.

    color: augmented pictures, uint8 (n, 3, H, W); input: what the task gives the network of them, float. With labels,
    int64 (N,), a batch is (input, label).

    pictures: uint8 (N, 3, H, W), on `device` already, or mapped from a pack and read by `workers` processes. views:
    chance changes each picture in so many ways, one an epoch, over and over; None draws anew in every epoch. encode:
    makes of inputs, the pictures' indices and the view what is handed out in their place; with views alone.
    """

    def __init__(
        self,
        pictures: Tensor,
        task: Task,
        order: BatchOrder,
        augmentation: Augmentation,
        device: torch.device,
        workers: int = 0,
        views: int | None = None,
        encode: Encode | None = None,
        labels: Tensor | None = None,
    ) -> None:
        # The names under which Lightning looks for something with set_epoch.
        self.sampler = order
        self.batch_sampler = None
        self.task = task
        self.augmentation = augmentation
        self.device = device
        self.pictures = pictures
        self.views = views
        self.encode = encode
        self.labels = labels
        self._skip = 0  # of the next epoch, that were handed out before an interruption
        self._loader: DataLoader[Tensor] | None = None
        if workers > 0:
            self._loader = DataLoader(
                _Slices(pictures),
                batch_size=None,
                sampler=order,
                num_workers=workers,
                persistent_workers=True,
                multiprocessing_context="fork" if "fork" in get_all_start_methods() else None,  # maps don't travel
                generator=torch.Generator(),  # whose own start would be drawn from what dropout draws from
            )

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[tuple[Any, Tensor]]:
        generator = self.sampler.generator()
        view = None if self.views is None else self.sampler.epoch % self.views
        drawn = None if view is None else self.augmentation.draw(len(self.pictures), self.sampler.of_view(view))
        skip, self._skip = self._skip, 0
        for number, (indices, batch) in enumerate(zip(self.sampler, self._batches(), strict=True)):
            if drawn is None:
                augmented = self.augmentation(batch, generator)
            else:
                augmented = self.augmentation.apply(batch, drawn.of(indices))
            if number >= skip:
                inputs = self._input(augmented)
                encoded = inputs if self.encode is None or view is None else self.encode(inputs, indices, view)
                yield encoded, augmented if self.labels is None else self.labels[indices].to(self.device)

    @torch.no_grad()
    def _input(self, pictures: Tensor) -> Tensor:
        return self.task.input(to_float(pictures))

    def skip(self, batches: int) -> None:
        """Begin the next epoch after so many batches, as if they had been handed out."""
        self._skip = batches

    def end_workers(self) -> None:
        """End the processes that read, if there are any; they are started again when they are needed.

        Whoever leaves it to the garbage collector waits for five seconds: it ends their queues before them.
        """
        if self._loader is not None and self._loader._iterator is not None:
            self._loader._iterator._shutdown_workers()  # type: ignore[attr-defined]
            self._loader._iterator = None

    def _batches(self) -> Iterable[Tensor]:
        if self._loader is not None:
            return (batch.to(self.device, non_blocking=True) for batch in self._loader)
        return (self.pictures.index_select(0, indices.to(self.device)) for indices in self.sampler)


class _Slices(Dataset[Tensor]):
    """A pack as workers see it: an item is a whole batch."""

    def __init__(self, pictures: Tensor) -> None:
        self.pictures = pictures

    def __getitem__(self, indices: Tensor) -> Tensor:
        return self.pictures.index_select(0, indices)
