"""The decoders of the University of Toronto's colorization assignment (CSC421, no. 2, 2019), layer for layer."""

from collections.abc import Sequence

import torch
from torch import Tensor

from huesweep.errors import UsageError
from huesweep.models.blocks import resize
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.encoders.yeung import yeung_layer
from huesweep.ranges import Count, OddCount


class TorontoDecoder(Decoder):
    """Twice Conv-BN-ReLU and doubling by repeated pixels: to half the coarsest width, then to `width` channels.

    skips: False is the assignment's CNN; True its U-Net, where the first sees down2 beside the middle and the second
    down1 beside the first. kernel: of both convolutions (3 in the assignment), odd. width: there as many as the palette
    has colors.
    """

    name = "toronto"

    def __init__(self, specs: Sequence[FeatureSpec], skips: bool, kernel: OddCount, width: Count) -> None:
        super().__init__(specs)
        if [spec.stride for spec in specs] != [2, 4, 4]:
            strides = ", ".join(str(spec.stride) for spec in specs)
            raise UsageError(f"decoder {self.name} needs feature maps of strides 2, 4, 4; this encoder gives {strides}")
        down1, down2, middle = (spec.channels for spec in specs)
        half = middle // 2
        self.skips = skips
        self.channels = width
        self.up1 = yeung_layer(middle + (down2 if skips else 0), half, kernel)
        self.up2 = yeung_layer(half + (down1 if skips else 0), width, kernel)

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        down1, down2, middle = features
        x = self.up1(torch.cat([down2, middle], dim=1) if self.skips else middle)
        x = resize(x, down1.shape[-2:])
        x = self.up2(torch.cat([down1, x], dim=1) if self.skips else x)
        return resize(x, size)
