"""A decoder that enlarges maps by interpolation and convolves them."""

from collections.abc import Sequence

from torch import nn

from huesweep.errors import pick
from huesweep.models.blocks import ConvStyle
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec

ORDERS = {"upsample": True, "convolution": False}


class UpsampleDecoder(DoublingDecoder):
    """Each step doubles by `nearest` or `bilinear` interpolation and convolves (Odena, Dumoulin & Olah 2016).

    first: which of the two comes first: `upsample`, or `convolution`, as in the Toronto assignment's PoolUpsampleNet:
    a quarter of the work. widths, skips: see DoublingDecoder. The others: see ConvStyle.
    """

    name = "upsample"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Sequence[int] | None,
        skips: bool,
        upsampling: str,
        first: str,
        kernel: int,
        padding: str,
        norm: str,
        activation: str,
        bias: bool,
    ) -> None:
        modes = {"nearest": {"mode": "nearest"}, "bilinear": {"mode": "bilinear", "align_corners": False}}
        self.interpolation = pick("model.decoder.upsampling", upsampling, modes)
        self.upsample_first = pick("model.decoder.first", first, ORDERS)
        super().__init__(specs, widths, skips, ConvStyle(kernel, padding, 1, norm, activation, bias=bias))

    def doubling(self, channels_in: int, channels_out: int) -> nn.Module:
        enlarge = nn.Upsample(scale_factor=2, **self.interpolation)  # type: ignore[arg-type]
        layer = self.style.layer(channels_in, channels_out)
        return nn.Sequential(enlarge, layer) if self.upsample_first else nn.Sequential(layer, enlarge)
