"""One file of CIFAR-10 or CIFAR-100: a pickled batch, read without running it."""

import hashlib
import pickle
from pathlib import Path

import numpy as np

from huesweep.data.store import Chunk
from huesweep.errors import UsageError
from huesweep.io.bounded import read_bounded
from huesweep.io.safe_pickle import load_arrays

LARGEST_FILE = 256 * 2**20  # bytes; the largest published one, CIFAR-100's training pictures, has 148 MiB
LEVELS = 3 * 32 * 32  # of a picture


def read_batch(path: Path, name: str, label_key: bytes, classes: int, md5: str | None) -> Chunk:
    """The pictures and labels of a batch. name: of the data set. classes: their number, above all labels.

    md5: what the file's must be, or None for any. Raises UsageError for a missing, changed or damaged file.
    """
    try:
        content = read_bounded(path, LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}): fetch the data set again") from None
    except ValueError as error:
        raise UsageError(f"{path} is not a {name} batch: it {error}") from None
    if md5 is not None and hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise UsageError(f"{path} is not the published file (md5 differs): fetch it again, or set data.verify=false")
    try:
        return _pictures_of(load_arrays(content), label_key, classes)
    except (pickle.UnpicklingError, ValueError) as error:
        raise UsageError(f"{path} is not a {name} batch: it {error}") from None


def _pictures_of(batch: object, label_key: bytes, classes: int) -> Chunk:
    if not isinstance(batch, dict):
        raise ValueError(f"holds a {type(batch).__name__}, not a dictionary")
    for key in (b"data", label_key):
        if key not in batch:
            raise ValueError(f"has no {key!r}")
    rows, labels = batch[b"data"], batch[label_key]
    if isinstance(labels, list) and not set(map(type, labels)) <= {int}:
        raise ValueError("holds labels that are not whole numbers")
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) == 0:
        raise ValueError("holds labels that are not whole numbers")
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.shape != (len(labels), LEVELS):
        shown = f"{rows.dtype} {rows.shape}" if isinstance(rows, np.ndarray) else f"a {type(rows).__name__}"
        raise ValueError(f"holds {shown} for {len(labels)} labels")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"holds labels outside 0 to {classes - 1}")
    return Chunk(rows.reshape(-1, 3, 32, 32), labels.astype(np.int64))
