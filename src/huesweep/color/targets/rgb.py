"""RGB as three regression channels."""

from torch import Tensor

from huesweep.color.spaces import with_luminance
from huesweep.color.targets.base import Target


class RgbTarget(Target):
    """Three channels a pixel in [0, 1], clipped when decoded."""

    name = "rgb"
    encoding = "values"
    channels = 3

    def encode(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) float in [0, 1], as it is."""
        return rgb

    def chroma(self, encoded: Tensor) -> Tensor:
        return encoded.amax(1, keepdim=True) - encoded.amin(1, keepdim=True)

    def reconstruct(self, encoded: Tensor, luminance: Tensor | None) -> Tensor:
        return self.decode(encoded, luminance)

    def decode(self, outputs: Tensor, luminance: Tensor | None) -> Tensor:
        rgb = outputs.clamp(0, 1)
        return rgb if luminance is None else with_luminance(rgb, luminance)
