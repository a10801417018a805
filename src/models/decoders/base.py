"""The decoder contract."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from src.models.encoders.base import FeatureSpec


class Decoder(nn.Module):
    """Gives one full-resolution feature map from an encoder's maps.

    A subclass sets `name` (as in conf/model/decoder), takes the encoder's specs as its first argument, raises
    UsageError for those it can't serve, and sets `channels`, the width of the map it gives (never the palette size).
    """

    name: ClassVar[str]
    channels: int

    def __init__(self, specs: Sequence[FeatureSpec]) -> None:
        super().__init__()

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """features: one map a spec, fine to coarse. Gives (N, channels, *size); any size works."""
        raise NotImplementedError
