"""A plain convolutional encoder: convolutions at full resolution, then at half of it, level by level."""

from collections.abc import Callable
from itertools import accumulate
from operator import mul
from typing import Any, Literal

from torch import Tensor, nn

from huesweep.models.blocks import Activation, ConvStyle, Norm
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.models.levels import Counts, Paddings, Steps, per_level
from huesweep.ranges import Share, Widths

Pooling = Literal["max_pool", "avg_pool", "stride"]

POOLINGS: dict[Pooling, Callable[[int], nn.Module]] = {
    "max_pool": lambda stride: nn.MaxPool2d(stride, ceil_mode=True),
    "avg_pool": lambda stride: nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False),
    "stride": lambda _stride: nn.Identity(),
}


class PlainEncoder(Encoder):
    """The contracting half of a U-Net (Ronneberger, Fischer & Brox 2015) with padded convolutions and normalization.

    widths: channels of each level. stride: of each level over the one before; None lets the first see every pixel and
    the others halve. convolutions: a level. downsampling: `max_pool`, `avg_pool`, or `stride`, where a level's first
    convolution skips pixels. The others: see ConvStyle. convolutions, kernel, padding, dilation and stride are one for
    all levels, or a list. Raises UsageError for a list of another length.
    """

    name = "plain"

    def __init__(
        self,
        channels: int,
        widths: Widths,
        convolutions: Counts,
        kernel: Counts,
        padding: Paddings,
        dilation: Counts,
        norm: Norm,
        activation: Activation,
        downsampling: Pooling,
        residual: bool,
        dropout: Share,
        stride: Steps | None = None,
    ) -> None:
        super().__init__()

        def each(name: str, value: Any) -> list[Any]:
            return per_level(value, len(widths), f"model.encoder.{name}")

        usual = [1] + [2] * (len(widths) - 1)
        strides = usual if stride is None else each("stride", stride)
        sizes = zip(each("kernel", kernel), each("padding", padding), each("dilation", dilation), strict=True)
        styles = [ConvStyle(*size, norm, activation, residual, dropout) for size in sizes]
        self.pools = nn.ModuleList(POOLINGS[downsampling](step) if step > 1 else nn.Identity() for step in strides)
        self.levels = nn.ModuleList()
        inside = strides if downsampling == "stride" else [1] * len(widths)
        pairs = zip([channels, *widths[:-1]], widths, each("convolutions", convolutions), inside, styles, strict=True)
        for a, b, count, step, style in pairs:
            self.levels.append(style.stack(a, b, count, step))
        reached = accumulate(strides, mul)
        self.specs = tuple(FeatureSpec(width, step) for width, step in zip(widths, reached, strict=True))

    def forward(self, x: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        for pool, level in zip(self.pools, self.levels, strict=True):
            x = level(pool(x))
            features.append(x)
        return features
