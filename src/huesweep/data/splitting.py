"""Choosing pictures by a seed: always the same ones, spread evenly over the classes, smaller choices within larger."""

import numpy as np

from huesweep.data.pictures import SPLITS, Split
from huesweep.errors import UsageError
from huesweep.ranges import Amount


def stratified_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """An order of pictures in which every stretch has about each class's share. labels: (N,). Gives (N,) indices.

    Taking from its start gives nested choices: the first 10 are among the first 100.
    """
    random = np.random.default_rng(seed)
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        place[members] = (np.arange(len(members)) + random.random()) / len(members)
    return np.argsort(place, kind="stable")


def count_of(wanted: Amount, total: int, name: str) -> int:
    """How many of `total` pictures are wanted: a whole number as it is, a share up to 1.0 of them.

    Raises UsageError, naming the option, for a number that is not whole and for more than there are.
    """
    count = round(wanted * total) if isinstance(wanted, float) and wanted <= 1 else wanted
    if count != int(count) or count > total:
        raise UsageError(f"data.{name}={wanted} must be a share up to 1.0 or a number of pictures up to {total}")
    return int(count)


def drawn_splits(order: np.ndarray, validation: Amount, test: Amount) -> dict[Split, np.ndarray]:
    """The splits of pictures in an order: those for testing first, then those for validation, the rest for training.

    Raises UsageError as count_of does.
    """
    tests = count_of(test, len(order), "test")
    validations = count_of(validation, len(order) - tests, "validation")
    parts = np.split(order, [tests, tests + validations])
    return dict(zip(reversed(SPLITS), parts, strict=True))


def subset(labels: np.ndarray, fraction: float, per_class: int | None, seed: int) -> np.ndarray:
    """Indices, ascending, of a fixed part of the pictures: at most so many of each class, and a fraction of these.

    Both leave each class its share of what they choose from. A smaller fraction lies within every larger one of the
    same seed and per_class, and so do fewer pictures of each class within more where the fraction is 1.
    """
    order = stratified_order(labels, seed)
    if per_class is not None:
        rank = np.empty(len(order), dtype=np.int64)
        for label in np.unique(labels):
            members = order[labels[order] == label]
            rank[members] = np.arange(len(members))
        capped = np.flatnonzero(rank < per_class)
        order = capped[stratified_order(labels[capped], seed)]
    return np.sort(order[: max(1, round(fraction * len(order)))])
