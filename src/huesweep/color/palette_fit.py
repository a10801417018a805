"""Choosing K colors for a collection of pictures by k-means."""

import numpy as np
from threadpoolctl import threadpool_limits

from huesweep.errors import UsageError


def fit_palette(pixels: np.ndarray, colors: int, seed: int) -> np.ndarray:
    """The k-means centers of pixels, darkest first. pixels: (N, C) float. Gives (colors, C) float32.

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
