"""No encoder: the input itself, for decoders that see all of it at once."""

from torch import Tensor

from huesweep.models.encoders.base import Encoder, FeatureSpec


class IdentityEncoder(Encoder):
    """Gives the input as its only map."""

    name = "identity"

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.specs = (FeatureSpec(channels, 1),)

    def forward(self, x: Tensor) -> list[Tensor]:
        return [x]
