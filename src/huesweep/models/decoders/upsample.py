"""A decoder that enlarges maps by interpolation and convolves them."""

from collections.abc import Sequence
from typing import Any, Literal

from torch import nn

from huesweep.models.blocks import Activation, ConvStyle, Norm, Padding
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.ranges import Count, Widths

Interpolation = Literal["nearest", "bilinear"]

INTERPOLATIONS: dict[Interpolation, dict[str, Any]] = {
    "nearest": {"mode": "nearest"},
    "bilinear": {"mode": "bilinear", "align_corners": False},
}


class UpsampleDecoder(DoublingDecoder):
    """Each step doubles by `nearest` or `bilinear` interpolation and convolves (Odena, Dumoulin & Olah 2016).

    first: which of the two comes first: `upsample`, or `convolution`, as in the Toronto assignment's PoolUpsampleNet:
    a quarter of the work. widths, skips: see DoublingDecoder. The others: see ConvStyle.
    """

    name = "upsample"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Widths | None,
        skips: bool,
        upsampling: Interpolation,
        first: Literal["upsample", "convolution"],
        kernel: Count,
        padding: Padding,
        norm: Norm,
        activation: Activation,
        bias: bool,
    ) -> None:
        self.interpolation = INTERPOLATIONS[upsampling]
        self.upsample_first = first == "upsample"
        super().__init__(specs, widths, skips, ConvStyle(kernel, padding, 1, norm, activation, bias=bias))

    def doubling(self, channels_in: int, channels_out: int) -> nn.Module:
        enlarge = nn.Upsample(scale_factor=2, **self.interpolation)
        layer = self.style.layer(channels_in, channels_out)
        return nn.Sequential(enlarge, layer) if self.upsample_first else nn.Sequential(layer, enlarge)
