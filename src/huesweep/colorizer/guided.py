"""Bringing a small picture's colors to full size along the edges of the full-size brightness."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from huesweep.models.enlarging import slopes

CUBIC = -0.75  # Keys' parameter of bicubic interpolation, as torch has it


class GuidedColors(NamedTuple):
    """A small picture's chroma, (C, h, w), how it changes with L / 100 around each pixel, and that itself, (1, h, w).

    Enlarged alone, color is blurred over edges; what the full-size brightness has beyond the enlarged one tells where
    they are. The slopes are those of the guided filter (He, Sun & Tang 2013).
    """

    chroma: Tensor
    slope: Tensor
    guide: Tensor

    def rows(self, top: int, lightness: Tensor, height: int) -> Tensor:
        """Chroma of some rows of the full-size picture: (C, n, W).

        top: the first row; lightness: (n, W), their L in [0, 100]; height: of the full-size picture.
        """
        if tuple(self.guide.shape[1:]) == (height, lightness.shape[1]):
            return self.chroma[:, top : top + len(lightness)]
        chroma, slope, guide = (_enlarge_rows(values, top, lightness.shape, height) for values in self)
        return chroma + slope * (lightness / 100 - guide)

    def flat_rows(self, top: int, lightness: Tensor, height: int) -> Tensor:
        """As `rows`, but each pixel has the chroma of one pixel of the small picture, the nearest."""
        (small_height, small_width), (rows, width) = self.chroma.shape[1:], lightness.shape
        vertical = torch.arange(top, top + rows) * small_height // height
        return self.chroma[:, vertical][:, :, torch.arange(width) * small_width // width]


def follow_lightness(chroma: Tensor, lightness: Tensor) -> GuidedColors:
    """Find how colors follow brightness. chroma: (C, h, w); lightness: (h, w), in [0, 100]."""
    guide = (lightness / 100)[None]
    return GuidedColors(chroma, slopes(chroma, guide), guide)


def _enlarge_rows(values: Tensor, top: int, shape: torch.Size, height: int) -> Tensor:
    """Rows `top` and following of (C, h, w) enlarged to `height` rows, as wide as `shape` says, bicubically."""
    rows, width = shape
    small = values.shape[1]
    position = (torch.arange(top, top + rows, device=values.device) + 0.5) * (small / height) - 0.5
    first = position.floor()
    lines = torch.zeros(values.shape[0], rows, values.shape[2], device=values.device)
    for tap in range(-1, 3):
        weight = _cubic((position - first - tap).abs())[:, None]
        lines += weight * values[:, (first.long() + tap).clamp(0, small - 1)]
    # OpenCV's cubic is the same as torch's, and takes a fraction of its time where rows stay as many.
    wide = [cv2.resize(line, (width, rows), interpolation=cv2.INTER_CUBIC) for line in lines.cpu().numpy()]
    return torch.from_numpy(np.stack(wide)).to(values.device)


def _cubic(distance: Tensor) -> Tensor:
    """Keys 1981, equation 4."""
    near = ((CUBIC + 2) * distance - (CUBIC + 3)) * distance**2 + 1
    far = CUBIC * (((distance - 5) * distance + 8) * distance - 4)
    return torch.where(distance <= 1, near, far)
