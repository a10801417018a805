"""Strided convolutions, then dilated ones that see far without giving up more resolution."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn

from huesweep.models.blocks import Activation, ConvStyle, Norm, Padding
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.ranges import Count, Widths


class DilatedEncoder(Encoder):
    """One convolution of stride 2 a level, then dilated convolutions at the coarsest (Yu & Koltun 2016).

    widths: channels of each level; level i has stride 2**(i + 1). dilations: of the convolutions that follow at the
    last level's width. strided: False begins at full resolution instead, level i with stride 2**i. The others: see
    ConvStyle.
    """

    name = "dilated"

    def __init__(
        self,
        channels: int,
        widths: Widths,
        dilations: Annotated[Sequence[Count], Field(min_length=1)],
        strided: bool,
        kernel: Count,
        padding: Padding,
        norm: Norm,
        activation: Activation,
        bias: bool,
    ) -> None:
        super().__init__()
        style = ConvStyle(kernel, padding, 1, norm, activation, bias=bias)
        pairs = enumerate(zip([channels, *widths[:-1]], widths, strict=True))
        self.levels = nn.ModuleList(style.layer(a, b, 2 if level or strided else 1) for level, (a, b) in pairs)
        self.context = nn.Sequential(*(style.layer(widths[-1], widths[-1], dilation=step) for step in dilations))
        self.specs = tuple(FeatureSpec(width, 2 ** (level + strided)) for level, width in enumerate(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        for level in self.levels:
            x = level(x)
            features.append(x)
        return [*features[:-1], self.context(x)]
