"""Colors that sRGB doesn't have, brought to those it has."""

import torch
from torch import Tensor

from huesweep.color.spaces import WHITE, XYZ_TO_RGB, delinearize, expand, lab_to_linear

STEPS = 10  # halvings: chroma is exact to a thousandth
TOLERANCE = 1e-4  # in linear light; clipping it moves L by less than 0.1


def lab_to_rgb_keeping_lightness(lab: Tensor) -> Tensor:
    """sRGB of CIELAB pictures; a color outside the gamut gives up chroma, at the same L and hue, until it fits.

    lab: (N, 3, H, W), L in [0, 100]. Gives (N, 3, H, W) float in [0, 1].
    """
    linear = lab_to_linear(lab)
    outside = ~_fits(linear)
    if outside.any():
        linear.movedim(1, -1)[outside] = _with_less_chroma(lab.movedim(1, -1)[outside])
    return delinearize(linear.clamp(0, 1)).clamp(0, 1)


def _fits(linear: Tensor) -> Tensor:
    return ((linear > -TOLERANCE) & (linear < 1 + TOLERANCE)).all(1)


def _with_less_chroma(lab: Tensor) -> Tensor:
    """(K, 3) CIELAB to (K, 3) linear light, by halving the interval in which the largest chroma that fits lies.

    Along the way from gray X and Z change, and Y stays: half of what lab_to_linear computes is computed once.
    """
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    to_x, to_z = a / 500, b / -200
    luminance = expand(y)

    def linear(share: Tensor) -> list[Tensor]:
        x = WHITE[0] * expand((y + share * to_x).clamp(min=0))
        z = WHITE[2] * expand((y + share * to_z).clamp(min=0))
        return [row[0] * x + row[1] * luminance + row[2] * z for row in XYZ_TO_RGB]

    share = torch.zeros_like(y)
    for step in range(1, STEPS + 1):
        more = share + 0.5**step
        red, green, blue = linear(more)
        least, most = torch.minimum(torch.minimum(red, green), blue), torch.maximum(torch.maximum(red, green), blue)
        share = torch.where((least > -TOLERANCE) & (most < 1 + TOLERANCE), more, share)
    return torch.stack(linear(share), dim=1)
