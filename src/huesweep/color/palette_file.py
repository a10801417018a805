"""Palettes on disk: text, plain arrays and the Toronto assignment's files, read without running anything in them."""

import pickle
import re
from pathlib import Path

import numpy as np

from huesweep.errors import UsageError, unknown
from huesweep.io.bounded import read_bounded
from huesweep.io.npy import split_npy
from huesweep.io.safe_pickle import load_arrays

NAMED = {path.stem: path for path in sorted((Path(__file__).parent / "palettes").glob("*.txt"))}
MOST_COLORS = 65536
LARGEST_FILE = 4 * 2**20  # bytes: as many colors of 64-bit numbers, or of text with a comment each
ZIP = b"PK"
_COMMENT = re.compile(r"#(?:\s|$)")  # where one starts; # with six digits is a color
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NEARLY_HEX = re.compile(r"#[0-9a-fA-F]+")
_LEVEL = re.compile(r"[0-9]{1,3}")
_SHOWN = 40  # characters of a wrong line


def read_palette(path: str | Path) -> np.ndarray:
    """The colors of a palette that comes along, by its name, or of a file: (K, 3) float64 RGB in [0, 1], K up to 65536.

    path: one of NAMED, those that come along, or a file. Reads a text (see parse_palette) from a name that
    ends in .txt; else a .npy file: a plain array of shape (K, 3), in [0, 1] or in whole numbers up to 255, or the
    assignment's format (an object array of shape (2,), pickled by Python 2: colors, then the distortion of k-means).
    Raises UsageError for another name, a missing file, another format, and a pickle that names anything but arrays.
    """
    path = NAMED.get(str(path), Path(path))
    try:
        content = read_bounded(path, LARGEST_FILE)
        if path.suffix.lower() == ".txt":
            return parse_palette(content.decode("utf-8-sig"), MOST_COLORS, f"target.palette: {path}")
        if content.startswith(ZIP):
            raise ValueError("it holds several arrays, as .npz does: save the colors alone with numpy.save")
        colors = _read_array(content)
    except FileNotFoundError:
        if path.name == str(path) and not path.suffix:
            raise unknown("target.palette", path, NAMED) from None
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


def parse_palette(text: str, most: int, what: str) -> np.ndarray:
    """Colors from lines of `R G B`, 0 to 255 between blanks or commas, or `#RRGGBB`. Gives (K, 3) float64 in [0, 1].

    What follows `# ` is a comment, and so is a line that starts with # and is no color. most: colors. what: named in
    errors. Raises UsageError with the number of the first wrong line, and for no colors or more than `most`.
    """
    colors: list[list[int]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        written = _COMMENT.split(line, maxsplit=1)[0].strip()
        if not written or _is_comment(written):
            continue
        levels = _levels(written)
        if levels is None:
            raise UsageError(
                f"{what}, line {number}: {written[:_SHOWN]!r} is not a color: "
                "write R G B from 0 to 255, or #RRGGBB; a comment starts with # and a blank"
            )
        if len(colors) == most:
            raise UsageError(f"{what}, line {number}: more than {most} colors")
        colors.append(levels)
    if not colors:
        raise UsageError(f"{what} holds no colors: write R G B from 0 to 255, or #RRGGBB, on each line")
    return np.array(colors, dtype=np.float64) / 255


def _is_comment(written: str) -> bool:
    first = written.split()[0]
    return first.startswith("#") and not _HEX.fullmatch(first) and not _NEARLY_HEX.fullmatch(written)


def _levels(written: str) -> list[int] | None:
    if _HEX.fullmatch(written):
        return list(bytes.fromhex(written[1:]))
    values = re.split(r"\s*,\s*|\s+", written)
    if len(values) != 3 or not all(_LEVEL.fullmatch(value) and int(value) <= 255 for value in values):
        return None
    return [int(value) for value in values]
