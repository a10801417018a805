"""Palettes that no file holds: K colors chosen by k-means, and the published bins of the ab plane."""

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from huesweep.errors import UsageError

SIDE = 10  # of a bin
# The bins of Zhang, Isola & Efros 2016 (their file pts_in_hull.npy): for each a, the lowest and the highest b. Those at
# the rim lie a little beyond what sRGB can show.
_RANGES = {
    **{-90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100), -40: (-40, 100), -30: (-50, 100)},
    **{-20: (-50, 100), -10: (-60, 100), 0: (-70, 100), 10: (-80, 90), 20: (-80, 90), 30: (-90, 90), 40: (-100, 90)},
    **{50: (-100, 80), 60: (-110, 80), 70: (-110, 80), 80: (-110, 70), 90: (-110, 70), 100: (-90, 0)},
}


def fit_palette(pixels: np.ndarray, colors: int, seed: int) -> np.ndarray:
    """The k-means centers of pixels, ordered by their last channel. pixels: (N, C) float. Gives (colors, C) float32.

    Seeded and held to one thread, so that the same pixels give the same palette to the last bit.
    Raises UsageError where the pixels have fewer different colors than asked for.
    """
    from sklearn.cluster import KMeans  # takes seconds, which those who only color photos shall not wait for

    distinct = len(np.unique(pixels, axis=0))
    if distinct < colors:
        raise UsageError(f"target.colors={colors}: the training pictures have only {distinct} different colors")
    with threadpool_limits(limits=1):
        centers = KMeans(colors, n_init=1, random_state=seed).fit(pixels).cluster_centers_
    return centers[np.lexsort(centers.T)].astype(np.float32)


def ab_grid() -> Tensor:
    """The centers of the 313 bins of side 10, by a, then by b. Gives (313, 2) float32, CIELAB chroma."""
    centers = [(a, b) for a, (low, high) in _RANGES.items() for b in range(low, high + 1, SIDE)]
    return torch.tensor(centers, dtype=torch.float32)
