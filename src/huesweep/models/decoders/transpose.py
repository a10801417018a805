"""A decoder of transposed convolutions."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from torch import nn

from huesweep.models.blocks import Activation, ConvStyle, Norm
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.ranges import Widths


class TransposeDecoder(DoublingDecoder):
    """Each step is a transposed convolution of stride 2 (Zeiler et al. 2010), normalization, activation.

    kernel: at least 2; an odd one leaves a checkerboard of uneven overlap. widths, skips: see DoublingDecoder. norm,
    activation, bias: see ConvStyle.
    """

    name = "transpose"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Widths | None,
        skips: bool,
        kernel: Annotated[int, Field(ge=2)],
        norm: Norm,
        activation: Activation,
        bias: bool,
    ) -> None:
        super().__init__(specs, widths, skips, ConvStyle(kernel, norm=norm, activation=activation, bias=bias))

    def doubling(self, channels_in: int, channels_out: int) -> nn.Module:
        kernel = self.style.kernel
        convolution = nn.ConvTranspose2d(
            channels_in,
            channels_out,
            kernel,
            stride=2,
            padding=(kernel - 1) // 2,
            output_padding=kernel % 2,  # twice the size to the pixel
            bias=self.style.has_bias,
        )
        return nn.Sequential(convolution, self.style.normalization(channels_out), self.style.nonlinearity())
