"""RGB as three regression channels."""

from torch import Tensor

from huesweep.color.spaces import with_lightness
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

    def picture(self, values: Tensor, lightness: Tensor | None) -> Tensor:
        rgb = values.clamp(0, 1)
        return rgb if lightness is None else with_lightness(rgb, lightness)
