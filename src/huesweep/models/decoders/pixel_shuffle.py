"""A decoder that computes the pixels of a larger map as channels of a small one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from huesweep.models.blocks import Activation, ConvStyle, Norm
from huesweep.models.decoders.doubling import DoublingDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.levels import Counts, Paddings
from huesweep.ranges import Widths


class PixelShuffleDecoder(DoublingDecoder):
    """Each step is a convolution to four times the width, whose channels become pixels of squares (Shi et al. 2016).

    It starts as repetition of pixels, without a checkerboard (ICNR: Aitken et al. 2017). widths, skips: see
    DoublingDecoder. The others: see ConvStyle; kernel and padding are one for all steps, or a list.
    """

    name = "pixel_shuffle"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        widths: Widths | None,
        skips: bool,
        kernel: Counts,
        padding: Paddings,
        norm: Norm,
        activation: Activation,
    ) -> None:
        style = ConvStyle(norm=norm, activation=activation)
        super().__init__(specs, widths, skips, style, kernel=kernel, padding=padding)

    def doubling(self, channels_in: int, channels_out: int, style: ConvStyle) -> nn.Module:
        convolution = style.convolution(channels_in, 4 * channels_out)
        repeat_starting_weights(convolution)
        return nn.Sequential(convolution, nn.PixelShuffle(2), style.normalization(channels_out), style.nonlinearity())


@torch.no_grad()
def repeat_starting_weights(convolution: nn.Conv2d) -> None:
    """Give the four channels that become one square the same weights (ICNR, Aitken et al. 2017)."""
    parameters: list[Tensor | None] = [convolution.weight, convolution.bias]
    for parameter in parameters:
        if parameter is not None:
            parameter.copy_(parameter[::4].repeat_interleave(4, 0))
