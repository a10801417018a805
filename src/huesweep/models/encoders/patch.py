"""Any encoder on blocks of pixels, which come in as channels of one step."""

from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor, nn

from huesweep.models.blocks import padded
from huesweep.models.encoders.base import Encoder
from huesweep.registry import build


class PatchEncoder(Encoder):
    """Space-to-depth before another encoder: no pixel is lost, and its first layers take a quarter of the time or less.

    After Shi et al. 2016, whose sub-pixel convolution is the way back: model.stride=2 model.enlarging=shuffle. size: of
    a block's side. of: description of the encoder that sees the blocks; its maps' strides are so many times as large.
    Odd sizes have their last row and column repeated.
    """

    name = "patch"

    def __init__(self, channels: int, size: Literal[2, 4], of: Mapping[str, Any]) -> None:
        super().__init__()
        self.size = size
        self.of = build(Encoder, of, "model.encoder.of", channels * size**2)
        self.specs = tuple(spec._replace(stride=spec.stride * size) for spec in self.of.specs)
        self.frozen = self.of.frozen
        self.normalizes = self.of.normalizes

    def forward(self, x: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.of(nn.functional.pixel_unshuffle(padded(x, self.size), self.size))
        return maps
