"""The named ways to turn a color picture gray, and the brightness each leaves to work with."""

from typing import Literal

import torch
from torch import Tensor

from huesweep.color.spaces import rgb_to_lightness

Formula = Literal["mean", "luma601", "luma709", "luma709_byte", "lab"]
WEIGHTS: dict[Formula, tuple[float, float, float]] = {
    "mean": (1 / 3, 1 / 3, 1 / 3),  # Yeung 2019 and the Toronto assignment
    "luma601": (0.299, 0.587, 0.114),  # ITU-R BT.601
    "luma709": (0.21, 0.72, 0.07),  # ITU-R BT.709, rounded as in the Rutgers study
    "luma709_byte": (21, 72, 7),  # the same, of levels, in hundredths that are cut off, as that study's code does
}


def to_gray(rgb: Tensor, formula: Formula) -> Tensor:
    """Grayscale of (N, 3, H, W) float pictures in [0, 1]. Gives (N, 1, H, W) in [0, 1]; `lab` is L / 100.

    `luma709_byte` takes levels of a byte and gives them, cut off where they have a fraction.
    """
    if formula == "lab":
        return rgb_to_lightness(rgb) / 100
    weights = torch.tensor(WEIGHTS[formula], dtype=rgb.dtype, device=rgb.device).view(1, 3, 1, 1)
    if formula == "luma709_byte":
        hundredths = ((rgb * 255).round() * weights).sum(1, keepdim=True)  # whole numbers, so that 1.00 stays 1
        return (hundredths / 100).floor() / 255
    return (rgb * weights).sum(1, keepdim=True)


def lightness_of(gray: Tensor, formula: Formula) -> Tensor:
    """CIELAB L of a grayscale picture. gray: (N, 1, H, W) as to_gray gives it. Gives (N, 1, H, W) in [0, 100]."""
    if formula == "lab":
        return gray * 100
    return rgb_to_lightness(gray)
