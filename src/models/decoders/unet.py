"""The expanding half of a U-Net over any encoder's feature maps."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from src.errors import UsageError
from src.models.blocks import conv_stack, resize_nearest
from src.models.decoders.base import Decoder
from src.models.encoders.base import FeatureSpec


class UnetDecoder(Decoder):
    """From the coarsest map up: repeat pixels to the size of the next finer map, join it, convolve to its width.

    After Ronneberger, Fischer & Brox 2015. convolutions: 3x3, at each level. The result has the finest map's width.
    """

    name = "unet"

    def __init__(self, specs: Sequence[FeatureSpec], convolutions: int) -> None:
        super().__init__(specs)
        if len(specs) < 2:
            raise UsageError(f"decoder unet joins feature maps of several strides; this encoder gives {len(specs)}")
        if convolutions < 1:
            raise UsageError(f"model.decoder.convolutions must be at least 1, not {convolutions}")
        coarse_to_fine = list(reversed(specs))
        self.levels = nn.ModuleList(
            conv_stack(coarse.channels + fine.channels, fine.channels, convolutions)
            for coarse, fine in pairwise(coarse_to_fine)
        )
        self.channels = specs[0].channels

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        x = features[-1]
        for level, skip in zip(self.levels, reversed(features[:-1]), strict=True):
            x = level(torch.cat([resize_nearest(x, skip.shape[-2:]), skip], dim=1))
        return resize_nearest(x, size)
