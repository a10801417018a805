"""A decoder of transposed convolutions."""

from collections.abc import Sequence

from torch import nn

from huesweep.errors import UsageError
from huesweep.models.blocks import ConvStyle
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec


class TransposeDecoder(DoublingDecoder):
    """Each step is a transposed convolution of stride 2 (Zeiler et al. 2010), normalization, activation.

    kernel: at least 2; an odd one leaves a checkerboard of uneven overlap. widths, skips: see DoublingDecoder. norm,
    activation, bias: see ConvStyle.
    """

    name = "transpose"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Sequence[int] | None,
        skips: bool,
        kernel: int,
        norm: str,
        activation: str,
        bias: bool,
    ) -> None:
        if kernel < 2:
            raise UsageError(f"model.decoder.kernel must be at least 2 for decoder transpose, not {kernel}")
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
