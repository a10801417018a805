"""Palettes on disk: the Toronto assignment's files, read without running anything in them."""

import pickle
from pathlib import Path

import numpy as np

from huesweep.errors import UsageError
from huesweep.io.safe_pickle import load_arrays


def read_palette(path: str | Path) -> np.ndarray:
    """The colors of a palette file. Gives (K, 3) float64 RGB in [0, 1].

    Reads the assignment's format (an object array of shape (2,), pickled by Python 2: colors, then the distortion of
    k-means) and a plain .npy array of shape (K, 3), in [0, 1] or in whole numbers up to 255.
    Raises UsageError for a missing file, another format, or a pickle that names anything but arrays.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_{version[1]}")
            _, _, dtype = read_header(file)
            if dtype.hasobject:
                colors = np.asarray(load_arrays(file).ravel()[0])
            else:
                file.seek(0)
                colors = np.load(file, allow_pickle=False)
    except FileNotFoundError:
        raise UsageError(f"target.palette: no file {path}") from None
    except (OSError, ValueError, AttributeError, IndexError, pickle.UnpicklingError) as error:
        raise UsageError(f"target.palette: {path} is not a palette file ({error})") from None
    return _checked(colors, path)


def _checked(colors: np.ndarray, path: Path) -> np.ndarray:
    if colors.ndim != 2 or colors.shape[1] != 3 or len(colors) == 0 or colors.dtype.kind not in "uif":
        raise UsageError(f"target.palette: {path} holds {colors.dtype} {colors.shape}, not colors of shape (K, 3)")
    colors = colors.astype(np.float64)
    if colors.max() > 1:
        colors = colors / 255
    if not np.isfinite(colors).all() or colors.min() < 0 or colors.max() > 1:
        raise UsageError(f"target.palette: {path} has colors outside [0, 1] and 0 to 255")
    return colors
