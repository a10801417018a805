"""The expanding half of a U-Net over any encoder's feature maps."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import Activation, ConvStyle, Norm, Padding, resize
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.ranges import Count, Share

Upsampling = Literal["nearest", "bilinear", "transpose"]

UPSAMPLINGS: dict[Upsampling, str] = {"nearest": "nearest", "bilinear": "bilinear", "transpose": "nearest"}


class UnetDecoder(Decoder):
    """From the coarsest map up: bring it to the size of the next finer map, join that, convolve to its width.

    After Ronneberger, Fischer & Brox 2015. convolutions: at each level. upsampling: `nearest`, `bilinear`, or
    `transpose`, their transposed convolution of 2x2 pixels to the finer map's width. The others: see ConvStyle. The
    result has the finest map's width; where that map is coarser than the picture, a last level without a map brings it
    to full size.
    """

    name = "unet"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        convolutions: Count,
        upsampling: Upsampling,
        kernel: Count,
        padding: Padding,
        norm: Norm,
        activation: Activation,
        residual: bool,
        dropout: Share,
    ) -> None:
        super().__init__(specs)
        if len(specs) < 2:
            raise UsageError(f"decoder unet joins feature maps of several strides; this encoder gives {len(specs)}")
        style = ConvStyle(kernel, padding, 1, norm, activation, residual, dropout)
        self.mode = UPSAMPLINGS[upsampling]
        pairs = list(pairwise(reversed(specs)))
        self.levels = nn.ModuleList()
        self.doublings = nn.ModuleList()
        for coarse, fine in pairs:
            transposes = upsampling == "transpose" and coarse.stride == 2 * fine.stride
            width = fine.channels if transposes else coarse.channels
            doubling = nn.ConvTranspose2d(coarse.channels, width, 2, stride=2) if transposes else nn.Identity()
            self.doublings.append(doubling)
            self.levels.append(style.stack(width + fine.channels, fine.channels, convolutions))
        self.channels = specs[0].channels
        self.last = style.stack(self.channels, self.channels, convolutions) if specs[0].stride > 1 else None

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        x = features[-1]
        for doubling, level, skip in zip(self.doublings, self.levels, reversed(features[:-1]), strict=True):
            x = doubling(x)
            height, width = skip.shape[-2:]
            larger = resize(x, (height, width), self.mode) if isinstance(doubling, nn.Identity) else x
            x = level(torch.cat([larger[..., :height, :width], skip], dim=1))
        return x if self.last is None else self.last(resize(x, size, self.mode))
