"""sRGB <-> CIELAB on batches of pictures, differentiable everywhere."""

from collections.abc import Sequence

import torch
from torch import Tensor

# IEC 61966-2-1 (sRGB primaries, D65) and the CIE 1931 two-degree white point, as scikit-image has them.
_RGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
XYZ_TO_RGB = torch.linalg.inv(torch.tensor(_RGB_TO_XYZ, dtype=torch.float64)).tolist()
WHITE = (0.95047, 1.0, 1.08883)
_EPSILON = 0.008856  # CIE: where the cube root gives way to a line
_KAPPA = 7.787


def _mix(pixels: Tensor, matrix: Sequence[Sequence[float]]) -> Tensor:
    """Apply a 3x3 matrix to the channels of (N, 3, H, W)."""
    rows = [row[0] * pixels[:, 0] + row[1] * pixels[:, 1] + row[2] * pixels[:, 2] for row in matrix]
    return torch.stack(rows, dim=1)


def _white(like: Tensor) -> Tensor:
    return torch.tensor(WHITE, dtype=like.dtype, device=like.device).view(1, 3, 1, 1)


def linearize(rgb: Tensor) -> Tensor:
    """Undo sRGB's transfer curve. rgb: any shape in [0, 1]; gives linear light in [0, 1]."""
    # The clamp keeps the unused branch of `where` finite, and with it the gradient.
    return torch.where(rgb > 0.04045, ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def delinearize(linear: Tensor) -> Tensor:
    """Apply sRGB's transfer curve. linear: any shape; values beyond [0, 1] are carried on, not clipped."""
    return torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * linear)


def _compress(ratio: Tensor) -> Tensor:
    return torch.where(ratio > _EPSILON, ratio.clamp(min=_EPSILON) ** (1 / 3), _KAPPA * ratio + 16 / 116)


def expand(compressed: Tensor) -> Tensor:
    """The share of the white point's X, Y or Z that a value of CIELAB's compressed scale stands for, elementwise."""
    return torch.where(compressed > _EPSILON ** (1 / 3), compressed**3, (compressed - 16 / 116) / _KAPPA)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """CIELAB of sRGB pictures (N, 3, H, W), float in [0, 1]. Gives (N, 3, H, W): L in [0, 100], a and b about ±110."""
    xyz = _compress(_mix(linearize(rgb), _RGB_TO_XYZ) / _white(rgb))
    x, y, z = xyz.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def rgb_to_lightness(rgb: Tensor) -> Tensor:
    """CIELAB L of sRGB pictures (N, 3, H, W), or gray ones (N, 1, H, W), float in [0, 1]. Gives (N, 1, H, W).

    The same as of rgb_to_lab, in a third of its time or less.
    """
    red, green, blue = linearize(rgb).expand(-1, 3, -1, -1).unbind(1)
    to_red, to_green, to_blue = _RGB_TO_XYZ[1]  # of the white point's, Y is 1
    return 116 * _compress(to_red * red + to_green * green + to_blue * blue)[:, None] - 16


def lab_to_linear(lab: Tensor) -> Tensor:
    """Linear light of CIELAB pictures (N, 3, H, W). Gives (N, 3, H, W) RGB, beyond [0, 1] out of gamut."""
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    ratio = expand(torch.stack([y + a / 500, y, y - b / 200], dim=1).clamp(min=0))
    return _mix(ratio * _white(lab), XYZ_TO_RGB)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """sRGB of CIELAB pictures, clipped to the gamut. lab: (N, 3, H, W). Gives (N, 3, H, W) float in [0, 1]."""
    return delinearize(lab_to_linear(lab)).clamp(0, 1)


def lightness_to_gray(lightness: Tensor) -> Tensor:
    """The gray level that has a CIELAB L. lightness: any shape in [0, 100]. Gives sRGB in [0, 1]."""
    return delinearize(expand((lightness + 16) / 116)).clamp(0, 1)


def with_lightness(rgb: Tensor, lightness: Tensor) -> Tensor:
    """The colors of `rgb` at another brightness. rgb: (N, 3, H, W) in [0, 1]; lightness: (N, 1, H, W), CIELAB L."""
    return lab_to_rgb(torch.cat([lightness, rgb_to_lab(rgb)[:, 1:]], dim=1))


def to_float(pictures: Tensor) -> Tensor:
    """uint8 pictures (N, 3, H, W) to float in [0, 1]."""
    return pictures.to(torch.float32).div_(255)


def to_bytes(rgb: Tensor) -> Tensor:
    """Float pictures in [0, 1] to uint8, rounded to the nearest level."""
    return rgb.clamp(0, 1).mul(255).round().to(torch.uint8)
