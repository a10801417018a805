"""A plain convolutional encoder: convolutions at full resolution, then at half of it, level by level."""

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from huesweep.models.blocks import Activation, ConvStyle, Norm, Padding
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.ranges import Count, Share, Widths

Pooling = Literal["max_pool", "avg_pool", "stride"]

POOLINGS: dict[Pooling, Callable[[], nn.Module]] = {
    "max_pool": lambda: nn.MaxPool2d(2, ceil_mode=True),
    "avg_pool": lambda: nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False),
    "stride": nn.Identity,
}


class PlainEncoder(Encoder):
    """The contracting half of a U-Net (Ronneberger, Fischer & Brox 2015) with padded convolutions and normalization.

    widths: channels of each level; level i has stride 2**i, the first sees every pixel. convolutions: a level.
    downsampling: `max_pool`, `avg_pool`, or `stride`, where a level's first convolution skips every other pixel.
    The others: see ConvStyle.
    """

    name = "plain"

    def __init__(
        self,
        channels: int,
        widths: Widths,
        convolutions: Count,
        kernel: Count,
        padding: Padding,
        dilation: Count,
        norm: Norm,
        activation: Activation,
        downsampling: Pooling,
        residual: bool,
        dropout: Share,
    ) -> None:
        super().__init__()
        style = ConvStyle(kernel, padding, dilation, norm, activation, residual, dropout)
        self.pool = POOLINGS[downsampling]()
        later = 2 if downsampling == "stride" else 1
        levels = enumerate(zip([channels, *widths[:-1]], widths, strict=True))
        self.levels = nn.ModuleList(style.stack(a, b, convolutions, later if level else 1) for level, (a, b) in levels)
        self.specs = tuple(FeatureSpec(width, 2**level) for level, width in enumerate(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        for level in self.levels:
            x = level(self.pool(x) if features else x)
            features.append(x)
        return features
