"""The encoder of a U-Net study on CIFAR-100, layer for layer, and the pair of convolutions that it is made of."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn

from huesweep.models.blocks import Residual
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.ranges import Count


class Cifar100UnetEncoder(Encoder):
    """A pair of convolutions at full resolution, then levels of max pooling, a residual pair and one to new channels.

    widths: channels of each level. The last is the bottom: three pairs more, the third to the width of the one before.
    """

    name = "cifar100_unet"

    def __init__(self, channels: int, widths: Annotated[Sequence[Count], Field(min_length=2)]) -> None:
        super().__init__()
        *_, before, bottom = widths
        self.levels = nn.ModuleList([pair(channels, widths[0]), *(_down(a, b) for a, b in pairwise(widths))])
        self.bottom = nn.Sequential(pair(bottom, bottom), pair(bottom, bottom), pair(bottom, before))
        self.specs = tuple(FeatureSpec(width, 2**level) for level, width in enumerate([*widths[:-1], before]))

    def forward(self, x: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        for level in self.levels:
            x = level(x)
            features.append(x)
        return [*features[:-1], self.bottom(x)]


def pair(channels_in: int, channels_out: int, between: int | None = None) -> nn.Sequential:
    """Convolution, normalization, SiLU, convolution, normalization, Mish, as the study has it.

    Convolutions are 3x3 without bias; normalization is over all channels and pixels (Wu & He 2018, one group). between:
    channels after the first convolution; None is channels_out.
    """
    return nn.Sequential(_body(channels_in, channels_out, between or channels_out), nn.Mish())


def _body(channels_in: int, channels_out: int, between: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, between, 3, padding=1, bias=False),
        nn.GroupNorm(1, between),
        nn.SiLU(),
        nn.Conv2d(between, channels_out, 3, padding=1, bias=False),
        nn.GroupNorm(1, channels_out),
    )


def _down(channels_in: int, channels_out: int) -> nn.Sequential:
    residual = Residual(_body(channels_in, channels_in, channels_in), nn.Identity())
    return nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), residual, nn.GELU(), pair(channels_in, channels_out))
