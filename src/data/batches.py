"""Batches of pictures that already lie on the device: an index and a flip, no work a picture."""

from collections.abc import Iterator

import torch
from torch import Tensor

from src.data.order import BatchOrder


class DeviceBatches:
    """Iterates over uint8 batches (n, 3, H, W) of pictures held on one device.

    order: which pictures, when. flip: mirror each picture left to right with probability one half.
    """

    def __init__(self, pictures: Tensor, order: BatchOrder, flip: bool) -> None:
        self.pictures = pictures
        self.batch_sampler = order  # the name under which Lightning looks for set_epoch
        self.flip = flip

    def __len__(self) -> int:
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[Tensor]:
        generator = self.batch_sampler.generator()
        for indices in self.batch_sampler:
            batch = self.pictures[indices.to(self.pictures.device)]
            if self.flip:
                mirrored = (torch.rand(len(batch), generator=generator) < 0.5).to(batch.device)
                batch = torch.where(mirrored.view(-1, 1, 1, 1), batch.flip(-1), batch)
            yield batch
