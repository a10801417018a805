"""What every reader of photo files gives."""

from typing import NamedTuple

import numpy as np


class Pixels(NamedTuple):
    """What a file holds, as it lies there.

    values: (H, W, C) uint8 or uint16 in `space`, GRAY, RGB or CMYK, which `profile` describes. alpha: opacity, (H, W)
    alike, or None. turned: orientation as in EXIF. dpi: across and down. remarks: what a person should know.
    """

    values: np.ndarray
    space: str
    alpha: np.ndarray | None = None
    profile: bytes = b""
    turned: int = 1
    dpi: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()
