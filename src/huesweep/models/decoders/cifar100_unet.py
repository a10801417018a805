"""The decoder of a U-Net study on CIFAR-100, layer for layer."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.encoders.cifar100_unet import pair


class Cifar100UnetDecoder(Decoder):
    """From the coarsest map up: enlarged bilinearly with aligned corners, joined with the next finer map, two pairs.

    The second pair goes through half the joined channels to the width of the map that comes next; at the finest map,
    to its own. Where that is coarser than the picture, the result is enlarged once more.
    """

    name = "cifar100_unet"

    def __init__(self, specs: Sequence[FeatureSpec]) -> None:
        super().__init__(specs)
        if len(specs) < 2:
            raise UsageError(f"decoder {self.name} joins feature maps of several strides; this encoder gives 1")
        self.levels = nn.ModuleList()
        width = specs[-1].channels
        finer = [spec.channels for spec in reversed(specs[:-1])]
        for skip, following in pairwise([*finer, finer[-1]]):
            joined = width + skip
            self.levels.append(nn.Sequential(pair(joined, joined), pair(joined, following, max(1, joined // 2))))
            width = following
        self.channels = width

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        x = features[-1]
        for level, skip in zip(self.levels, reversed(features[:-1]), strict=True):
            x = level(torch.cat([_enlarged(x, skip.shape[-2:]), skip], dim=1))
        return _enlarged(x, size)


def _enlarged(x: Tensor, size: Sequence[int]) -> Tensor:
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    return nn.functional.interpolate(x, tuple(size), mode="bilinear", align_corners=True)
