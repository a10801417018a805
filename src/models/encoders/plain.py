"""A plain convolutional encoder: convolutions at full resolution, then pooling and more of them, level by level."""

from collections.abc import Sequence

from torch import Tensor, nn

from src.errors import UsageError
from src.models.blocks import conv_stack
from src.models.encoders.base import Encoder, FeatureSpec


class PlainEncoder(Encoder):
    """The contracting half of a U-Net (Ronneberger, Fischer & Brox 2015) with padded convolutions and normalization.

    widths: channels of each level; level i has stride 2**i, the first sees every pixel. convolutions: a level, 3x3.
    """

    name = "plain"

    def __init__(self, channels: int, widths: Sequence[int], convolutions: int) -> None:
        super().__init__()
        if not widths or min(widths) < 1:
            raise UsageError(f"model.encoder.widths must be a list of channel counts, not {list(widths)}")
        if convolutions < 1:
            raise UsageError(f"model.encoder.convolutions must be at least 1, not {convolutions}")
        inputs = [channels, *widths[:-1]]
        self.levels = nn.ModuleList(conv_stack(a, b, convolutions) for a, b in zip(inputs, widths, strict=True))
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.specs = tuple(FeatureSpec(width, 2**level) for level, width in enumerate(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        for level in self.levels:
            x = level(self.pool(x) if features else x)
            features.append(x)
        return features
