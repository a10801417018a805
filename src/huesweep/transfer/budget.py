"""Which training pictures have labels: a share of each class's, by a seed, smaller budgets within larger ones."""

from collections.abc import Sequence

import numpy as np

from huesweep.data.splitting import stratified_order
from huesweep.errors import UsageError


def labeled_part(labels: np.ndarray, classes: Sequence[str], share: float, seed: int) -> np.ndarray:
    """Indices, ascending, of a share of pictures, of which each class gives its part, to within a picture.

    labels: (N,), indices into classes. Raises UsageError for pictures of one class alone, and where a class would get
    none.
    """
    present = np.unique(labels)
    if len(present) < 2:
        names = f" ({classes[present[0]]})" if len(present) and classes else ""
        raise UsageError(f"a classifier needs pictures of two classes at least, and these are of one{names}")
    chosen = np.sort(stratified_order(labels, seed)[: round(share * len(labels))])
    counts = np.bincount(labels[chosen], minlength=len(classes))[present]
    if counts.min(initial=len(labels)) == 0:
        fewest = min(int(np.count_nonzero(labels == label)) for label in present)
        raise UsageError(
            f"labels={share:g} is less than a picture of each class: {len(chosen)} of {len(present)} classes, and the "
            f"smallest has {fewest}; {1 / fewest:.3g} gives one of each"
        )
    return chosen
