"""Palettes on disk: text, plain arrays and the Toronto assignment's files, read without running anything in them."""

import pickle
from pathlib import Path

import numpy as np

from huesweep.color.palette_text import parse_palette
from huesweep.errors import UsageError
from huesweep.io.bounded import read_bounded
from huesweep.io.npy import split_npy
from huesweep.io.safe_pickle import load_arrays

MOST_COLORS = 65536
LARGEST_FILE = 4 * 2**20  # bytes: as many colors of 64-bit numbers, or of text with a comment each
ZIP = b"PK"


def read_palette(path: str | Path) -> np.ndarray:
    """The colors of a palette file. Gives (K, 3) float64 RGB in [0, 1], K up to 65536.

    Reads a text (see parse_palette) from a name that ends in .txt; else a .npy file: a plain array of shape (K, 3), in
    [0, 1] or in whole numbers up to 255, or the assignment's format (an object array of shape (2,), pickled by
    Python 2: colors, then the distortion of k-means). Raises UsageError for a missing file, another format, and a
    pickle that names anything but arrays.
    """
    path = Path(path)
    try:
        content = read_bounded(path, LARGEST_FILE)
        if path.suffix.lower() == ".txt":
            return parse_palette(content.decode("utf-8-sig"), MOST_COLORS, f"target.palette: {path}")
        if content.startswith(ZIP):
            raise ValueError("it holds several arrays, as .npz does: save the colors alone with numpy.save")
        colors = _read_array(content)
    except FileNotFoundError:
        raise UsageError(f"target.palette: no file {path}") from None
    except UsageError:
        raise
    except OSError as error:
        raise UsageError(f"target.palette: {path} can't be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"target.palette: {path} is not text: byte {error.start} is not UTF-8") from None
    except (ValueError, pickle.UnpicklingError) as error:
        raise UsageError(f"target.palette: {path} is not a palette file ({error})") from None
    return _checked(colors, path)


def _read_array(content: bytes) -> np.ndarray:
    file = split_npy(content)
    if not file.holds_objects:
        return file.numbers()
    objects = load_arrays(bytes(file.content))
    if not isinstance(objects, list) or not objects or not isinstance(objects[0], np.ndarray):
        raise ValueError("it holds objects, of which the first is not an array of colors")
    return objects[0]


def _checked(colors: np.ndarray, path: Path) -> np.ndarray:
    if colors.ndim != 2 or colors.shape[1] != 3 or not 1 <= len(colors) <= MOST_COLORS:
        raise UsageError(
            f"target.palette: {path} holds {colors.dtype} {colors.shape}, not colors of shape (K, 3), "
            f"K from 1 to {MOST_COLORS}"
        )
    colors = colors.astype(np.float64)
    if colors.max() > 1:
        colors = colors / 255
    if not np.isfinite(colors).all() or colors.min() < 0 or colors.max() > 1:
        raise UsageError(f"target.palette: {path} has colors outside [0, 1] and 0 to 255")
    return colors
