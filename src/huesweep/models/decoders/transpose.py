"""A decoder of transposed convolutions."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from torch import nn

from huesweep.models.blocks import Activation, ConvStyle
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.levels import Norms
from huesweep.ranges import Widths

Overlap = Annotated[int, Field(ge=2)]  # of neighbors' kernels, which are two pixels apart


class TransposeDecoder(DoublingDecoder):
    """Each step is a transposed convolution of stride 2 (Zeiler et al. 2010), normalization, activation.

    kernel: at least 2; an odd one leaves a checkerboard of uneven overlap. widths, skips: see DoublingDecoder. norm,
    activation, bias: see ConvStyle. kernel and norm are one for all steps, or a list.
    """

    name = "transpose"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Widths | None,
        skips: bool,
        kernel: Overlap | Annotated[Sequence[Overlap], Field(min_length=1)],
        norm: Norms,
        activation: Activation,
        bias: bool,
    ) -> None:
        style = ConvStyle(activation=activation, bias=bias)
        super().__init__(specs, widths, skips, style, kernel=kernel, norm=norm)

    def doubling(self, channels_in: int, channels_out: int, style: ConvStyle) -> nn.Module:
        kernel = style.kernel
        convolution = nn.ConvTranspose2d(
            channels_in,
            channels_out,
            kernel,
            stride=2,
            padding=(kernel - 1) // 2,
            output_padding=kernel % 2,  # twice the size to the pixel
            bias=style.has_bias,
        )
        return nn.Sequential(convolution, style.normalization(channels_out), style.nonlinearity())
