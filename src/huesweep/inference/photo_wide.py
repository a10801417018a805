"""TIFF files of 64-bit floating-point values, as instruments write them, by OpenCV: libvips reads up to 32 bits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from huesweep.inference.photo_metadata import as_taken
from huesweep.io.pictures import TooLargeError

BITS, FLOATS, CONTIGUOUS = 64, 3, 1
LAYOUTS = ((1, 1), (2, 3))  # what values are (black is zero; RGB), and how many of them a pixel has
INCH, CENTIMETER = 2, 3  # units of resolution
CENTIMETERS = 2.54  # in an inch


def is_wide(tags: Mapping[int, Any]) -> bool:
    """Whether the tags of a directory, as Pillow reads them, tell values of 64 bits."""
    return BITS in as_tuple(tags.get(258))


def read_wide(path: Path, megapixels: float, page: int, tags: Mapping[int, Any]) -> np.ndarray:
    """The values of a page, upright, (H, W, 1 or 3) float64.

    Raises TooLargeError, and ValueError for what can't be read.
    """
    pixels = int(tags.get(256, 0)) * int(tags.get(257, 0)) / 1e6
    if pixels > megapixels:
        raise TooLargeError(pixels, megapixels)
    layout = tags.get(262), tags.get(277, 1)
    is_float = set(as_tuple(tags.get(339))) == {FLOATS}
    if layout not in LAYOUTS or not is_float or tags.get(284, CONTIGUOUS) != CONTIGUOUS:
        raise ValueError("its values have 64 bits, which are read only as floating-point gray or RGB")
    logging = cv2.utils.logging
    level = logging.setLogLevel(logging.LOG_LEVEL_SILENT)  # of what is wrong with a file
    try:
        taken = as_taken(path)
        if isinstance(taken, str):
            _, found = cv2.imreadmulti(taken, page, 1, flags=cv2.IMREAD_UNCHANGED)
        else:
            content = np.frombuffer(taken, np.uint8)
            _, found = cv2.imdecodemulti(content, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
    finally:
        logging.setLogLevel(level)
    if len(found) != 1 or found[0].dtype != np.float64:
        raise ValueError("it is truncated or damaged")
    values: np.ndarray = found[0]
    return values[..., None] if values.ndim == 2 else values[..., ::-1]


def dpi_of_tags(tags: Mapping[int, Any]) -> tuple[float, float] | None:
    """The resolution that tags tell, across and down."""
    scale = {INCH: 1.0, CENTIMETER: CENTIMETERS}.get(tags.get(296, INCH))
    if scale is None or not tags.get(282) or not tags.get(283):
        return None
    return float(tags[282]) * scale, float(tags[283]) * scale


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
