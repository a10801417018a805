"""The encoder of the University of Toronto's later colorization handout (CSC413), layer for layer."""

from torch import Tensor, nn

from huesweep.models.blocks import SameConv2d
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.ranges import Count


class Csc413Encoder(Encoder):
    """Twice a halving convolution, batch normalization and ReLU: to `filters` channels, then to twice as many.

    filters, kernel: 32 and 3 in the handout. strided: False halves by max pooling between convolution and
    normalization (its PoolUpsampleNet), True by the convolution's stride (its strided network and U-Net).
    """

    name = "csc413"

    def __init__(self, channels: int, filters: Count, kernel: Count, strided: bool) -> None:
        super().__init__()
        self.down1 = _halving(channels, filters, kernel, strided)
        self.down2 = _halving(filters, 2 * filters, kernel, strided)
        self.specs = (FeatureSpec(filters, 2), FeatureSpec(2 * filters, 4))

    def forward(self, x: Tensor) -> list[Tensor]:
        down1 = self.down1(x)
        return [down1, self.down2(down1)]


def _halving(channels_in: int, channels_out: int, kernel: int, strided: bool) -> nn.Sequential:
    convolution = SameConv2d(channels_in, channels_out, kernel, 2 if strided else 1)
    pool = [] if strided else [nn.MaxPool2d(2, ceil_mode=True)]
    return nn.Sequential(convolution, *pool, nn.BatchNorm2d(channels_out), nn.ReLU(inplace=True))
