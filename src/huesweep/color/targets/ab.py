"""CIELAB chroma as two regression channels."""

import torch
from torch import Tensor

from huesweep.color.spaces import lab_to_rgb, rgb_to_lab
from huesweep.color.targets.base import Target
from huesweep.errors import UsageError

RANGE = 110.0  # |a| and |b| stay below this for all of sRGB


class AbTarget(Target):
    """Two channels a pixel, a and b divided by 110; brightness always comes from the input."""

    name = "ab"
    encoding = "values"
    channels = 2
    has_lightness = False

    def encode(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) float in [0, 1] to (N, 2, H, W) in [-1, 1]."""
        return rgb_to_lab(rgb)[:, 1:] / RANGE

    def chroma(self, encoded: Tensor) -> Tensor:
        return encoded.norm(dim=1, keepdim=True)

    def picture(self, values: Tensor, lightness: Tensor | None) -> Tensor:
        if lightness is None:
            raise UsageError("target ab predicts no brightness: use luminance=keep, or target=rgb")
        return lab_to_rgb(torch.cat([lightness, values * RANGE], dim=1))
