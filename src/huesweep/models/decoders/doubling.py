"""What decoders share that double the size of the coarsest map until it is the picture's."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import ConvStyle
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.levels import per_level
from huesweep.ranges import Widths


class DoublingDecoder(Decoder):
    """Doubles the coarsest map, step by step; a subclass says how, in `doubling`.

    widths: channels after each step; None halves them from the coarsest map's, down to 16 at least. skips: the
    encoder's maps are joined after the steps that come to their size, of several of one size the last. Raises
    UsageError for strides that are no powers of two, and for more or fewer widths than there are steps. style, varied:
    of the convolutions; fields of the style in `varied` are one for all steps, or a list.
    """

    def __init__(
        self, specs: Sequence[FeatureSpec], widths: Widths | None, skips: bool, style: ConvStyle, **varied: Any
    ) -> None:
        super().__init__(specs)
        coarsest = specs[-1]
        steps = int(math.log2(coarsest.stride))
        if 2**steps != coarsest.stride:
            raise UsageError(f"decoder {self.name} doubles sizes; stride {coarsest.stride} is no power of two")
        if not steps:
            raise UsageError(f"decoder {self.name} has nothing to enlarge: this encoder gives full resolution alone")
        if widths is None:
            widths = [max(16, coarsest.channels >> step) for step in range(1, steps + 1)]
        if len(widths) != steps:
            raise UsageError(
                f"model.decoder.widths={list(widths)} must be {steps} channel counts: "
                f"this encoder's coarsest stride is {coarsest.stride}"
            )
        self.joined_at = {spec.stride: place for place, spec in enumerate(specs[:-1])} if skips else {}
        self.joined_at.pop(coarsest.stride, None)
        self.strides = [2**step for step in reversed(range(steps))]
        self.steps = nn.ModuleList()
        channels = coarsest.channels
        each = {name: per_level(value, steps, f"model.decoder.{name}") for name, value in varied.items()}
        for step, (stride, width) in enumerate(zip(self.strides, widths, strict=True)):
            own = replace(style, **{name: values[step] for name, values in each.items()})
            self.steps.append(self.doubling(channels, width, own))
            channels = width + (specs[self.joined_at[stride]].channels if stride in self.joined_at else 0)
        self.channels = channels

    def doubling(self, channels_in: int, channels_out: int, style: ConvStyle) -> nn.Module:
        """A layer from (N, channels_in, H, W) to (N, channels_out, 2H, 2W)."""
        raise NotImplementedError

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        x = features[-1]
        for stride, step in zip(self.strides, self.steps, strict=True):
            height, width = (-(-side // stride) for side in size)
            x = step(x)[..., :height, :width]  # what is beyond came from rounding an odd size up
            if stride in self.joined_at:
                x = torch.cat([x, features[self.joined_at[stride]]], dim=1)
        return x
