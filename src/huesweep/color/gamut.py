"""Colors that sRGB doesn't have, brought to those it has."""

import torch
from torch import Tensor

from huesweep.color.spaces import delinearize, lab_to_linear

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
    """(K, 3) CIELAB to (K, 3) linear light, by halving the interval in which the largest chroma that fits lies."""
    pixels = lab.T[None, :, None]
    low = torch.zeros_like(pixels[:, :1])
    high = torch.ones_like(low)
    for _ in range(STEPS):
        share = (low + high) / 2
        fits = _fits(lab_to_linear(torch.cat([pixels[:, :1], pixels[:, 1:] * share], 1)))[:, None]
        low = torch.where(fits, share, low)
        high = torch.where(fits, high, share)
    return lab_to_linear(torch.cat([pixels[:, :1], pixels[:, 1:] * low], 1))[0, :, 0].T
