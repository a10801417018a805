"""The fixed palette of Zhang, Isola & Efros 2016: bins of the ab plane."""

import torch
from torch import Tensor

SIDE = 10  # of a bin
# The published bins (their file pts_in_hull.npy): for each a, the lowest and the highest b. Those at the rim lie a
# little beyond what sRGB can show.
_RANGES = {
    **{-90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100), -40: (-40, 100), -30: (-50, 100)},
    **{-20: (-50, 100), -10: (-60, 100), 0: (-70, 100), 10: (-80, 90), 20: (-80, 90), 30: (-90, 90), 40: (-100, 90)},
    **{50: (-100, 80), 60: (-110, 80), 70: (-110, 80), 80: (-110, 70), 90: (-110, 70), 100: (-90, 0)},
}


def ab_grid() -> Tensor:
    """The centers of the 313 bins of side 10, by a, then by b. Gives (313, 2) float32, CIELAB chroma."""
    centers = [(a, b) for a, (low, high) in _RANGES.items() for b in range(low, high + 1, SIDE)]
    return torch.tensor(centers, dtype=torch.float32)
