"""The decoder contract."""

from collections.abc import Sequence

from torch import Tensor, nn

from huesweep.models.encoders.base import FeatureSpec
from huesweep.registry import Registered


class Decoder(Registered, nn.Module):
    """Gives one full-resolution feature map from an encoder's maps.

    A subclass sets `name` (as in conf/model/decoder), takes the encoder's specs as its first argument, raises
    UsageError for those it can't serve, and sets `channels`, the width of the map it gives (never the palette size).
    """

    needed = ("channels",)
    channels: int
    side: int | None = None  # of the only pictures it can serve, which are square; None serves every size

    def __init__(self, specs: Sequence[FeatureSpec]) -> None:
        super().__init__()

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """features: one map a spec, fine to coarse. Gives (N, channels, *size)."""
        raise NotImplementedError

    def penalty(self) -> Tensor | None:
        """What the decoder adds to the training loss on account of its weights; most nothing."""
        return None
