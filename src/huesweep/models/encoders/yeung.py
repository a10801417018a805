"""The encoder of the Toronto assignment's colorization networks (CSC421, 2019), and so of Yeung's, layer for layer."""

from torch import Tensor, nn

from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.ranges import Count, OddCount


class YeungEncoder(Encoder):
    """Conv-BN-ReLU-MaxPool from the input to `filters` and to twice that, then Conv-BN-ReLU at a quarter of the size.

    filters: of the first convolution (32 in the original). kernel: of every convolution (3 in the original), odd.
    """

    name = "yeung"

    def __init__(self, channels: int, filters: Count, kernel: OddCount) -> None:
        super().__init__()
        self.down1 = yeung_layer(channels, filters, kernel)
        self.down2 = yeung_layer(filters, 2 * filters, kernel)
        self.middle = yeung_layer(2 * filters, 2 * filters, kernel)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.specs = (FeatureSpec(filters, 2), FeatureSpec(2 * filters, 4), FeatureSpec(2 * filters, 4))

    def forward(self, x: Tensor) -> list[Tensor]:
        down1 = self.pool(self.down1(x))
        down2 = self.pool(self.down2(down1))
        return [down1, down2, self.middle(down2)]


def yeung_layer(channels_in: int, channels_out: int, kernel: int) -> nn.Sequential:
    """Convolution that keeps the size, batch normalization, ReLU, as PyTorch began them in early 2019.

    Normalization then started from scales drawn between 0 and 1 (since PyTorch 1.2: all 1), which slows the first
    epochs: with it the published curves are reproduced, without it they are outrun.
    """
    normalization = nn.BatchNorm2d(channels_out)
    nn.init.uniform_(normalization.weight)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2), normalization, nn.ReLU(inplace=True)
    )
