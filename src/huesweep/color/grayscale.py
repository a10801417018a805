"""The named ways to turn a color picture gray, and the brightness each leaves to work with."""

from typing import Literal, get_args

import torch
from torch import Tensor

from huesweep.color.spaces import rgb_to_lab
from huesweep.errors import unknown

WEIGHTS = {
    "mean": (1 / 3, 1 / 3, 1 / 3),  # Yeung 2019 and the Toronto assignment
    "luma601": (0.299, 0.587, 0.114),  # ITU-R BT.601
    "luma709": (0.21, 0.72, 0.07),  # ITU-R BT.709, rounded as in the Rutgers study
}
Formula = Literal["mean", "luma601", "luma709", "lab"]
FORMULAS: tuple[str, ...] = get_args(Formula)


def check_formula(formula: str) -> str:
    """Give the formula back, or raise UsageError with the ones there are."""
    if formula not in FORMULAS:
        raise unknown("grayscale formula", formula, FORMULAS)
    return formula


def to_gray(rgb: Tensor, formula: str) -> Tensor:
    """Grayscale of (N, 3, H, W) float pictures in [0, 1]. Gives (N, 1, H, W) in [0, 1]; `lab` is L / 100."""
    if check_formula(formula) == "lab":
        return rgb_to_lab(rgb)[:, :1] / 100
    weights = torch.tensor(WEIGHTS[formula], dtype=rgb.dtype, device=rgb.device)
    return (rgb * weights.view(1, 3, 1, 1)).sum(1, keepdim=True)


def lightness_of(gray: Tensor, formula: str) -> Tensor:
    """CIELAB L of a grayscale picture. gray: (N, 1, H, W) as to_gray gives it. Gives (N, 1, H, W) in [0, 100]."""
    if check_formula(formula) == "lab":
        return gray * 100
    return rgb_to_lab(gray.expand(-1, 3, -1, -1))[:, :1]
