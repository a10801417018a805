"""A decoder that enlarges maps by interpolation and convolves them."""

from collections.abc import Sequence
from typing import Any, Literal

from torch import nn

from huesweep.models.blocks import Activation, ConvStyle, Norm
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.levels import Counts, Paddings
from huesweep.ranges import Widths

Interpolation = Literal["nearest", "bilinear"]

INTERPOLATIONS: dict[Interpolation, dict[str, Any]] = {
    "nearest": {"mode": "nearest"},
    "bilinear": {"mode": "bilinear", "align_corners": False},
}


class UpsampleDecoder(DoublingDecoder):
    """Each step doubles by `nearest` or `bilinear` interpolation and convolves (Odena, Dumoulin & Olah 2016).

    first: which of the two comes first: `upsample`, or `convolution`, as in the Toronto assignment's PoolUpsampleNet:
    a quarter of the work. widths, skips: see DoublingDecoder. The others: see ConvStyle; kernel and padding are one for
    all steps, or a list.
    """

    name = "upsample"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Widths | None,
        skips: bool,
        upsampling: Interpolation,
        first: Literal["upsample", "convolution"],
        kernel: Counts,
        padding: Paddings,
        norm: Norm,
        activation: Activation,
        bias: bool,
    ) -> None:
        self.interpolation = INTERPOLATIONS[upsampling]
        self.upsample_first = first == "upsample"
        style = ConvStyle(norm=norm, activation=activation, bias=bias)
        super().__init__(specs, widths, skips, style, kernel=kernel, padding=padding)

    def doubling(self, channels_in: int, channels_out: int, style: ConvStyle) -> nn.Module:
        enlarge = nn.Upsample(scale_factor=2, **self.interpolation)
        layer = style.layer(channels_in, channels_out)
        return nn.Sequential(enlarge, layer) if self.upsample_first else nn.Sequential(layer, enlarge)
