"""The expanding half of a U-Net over any encoder's feature maps."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import Activation, ConvStyle, Norm, resize
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.levels import Counts, Paddings, per_level
from huesweep.ranges import Share

Upsampling = Literal["nearest", "bilinear", "transpose"]

UPSAMPLINGS: dict[Upsampling, str] = {"nearest": "nearest", "bilinear": "bilinear", "transpose": "nearest"}


class UnetDecoder(Decoder):
    """From the coarsest map up: bring it to the size of the next finer map, join that, convolve to its width.

    After Ronneberger, Fischer & Brox 2015. convolutions: at each level. upsampling: `nearest`, `bilinear`, or
    `transpose`, their transposed convolution of 2x2 pixels to the finer map's width. The others: see ConvStyle. The
    result has the finest map's width; where that map is coarser than the picture, a last level without a map brings it
    to full size. convolutions, kernel and padding are one for all levels, or a list from coarse to fine.
    """

    name = "unet"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        convolutions: Counts,
        upsampling: Upsampling,
        kernel: Counts,
        padding: Paddings,
        norm: Norm,
        activation: Activation,
        residual: bool,
        dropout: Share,
    ) -> None:
        super().__init__(specs)
        if len(specs) < 2:
            raise UsageError(f"decoder unet joins feature maps of several strides; this encoder gives {len(specs)}")
        self.mode = UPSAMPLINGS[upsampling]
        pairs = list(pairwise(reversed(specs)))
        has_last = specs[0].stride > 1
        count = len(pairs) + has_last
        sizes = zip(
            per_level(kernel, count, "model.decoder.kernel"),
            per_level(padding, count, "model.decoder.padding"),
            strict=True,
        )
        styles = [ConvStyle(*size, 1, norm, activation, residual, dropout) for size in sizes]
        depths = per_level(convolutions, count, "model.decoder.convolutions")
        self.levels = nn.ModuleList()
        self.doublings = nn.ModuleList()
        for (coarse, fine), style, depth in zip(pairs, styles, depths, strict=False):
            transposes = upsampling == "transpose" and coarse.stride == 2 * fine.stride
            width = fine.channels if transposes else coarse.channels
            doubling = nn.ConvTranspose2d(coarse.channels, width, 2, stride=2) if transposes else nn.Identity()
            self.doublings.append(doubling)
            self.levels.append(style.stack(width + fine.channels, fine.channels, depth))
        self.channels = specs[0].channels
        self.last = styles[-1].stack(self.channels, self.channels, depths[-1]) if has_last else None

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        x = features[-1]
        for doubling, level, skip in zip(self.doublings, self.levels, reversed(features[:-1]), strict=True):
            x = doubling(x)
            height, width = skip.shape[-2:]
            larger = resize(x, (height, width), self.mode) if isinstance(doubling, nn.Identity) else x
            x = level(torch.cat([larger[..., :height, :width], skip], dim=1))
        return x if self.last is None else self.last(resize(x, size, self.mode))
