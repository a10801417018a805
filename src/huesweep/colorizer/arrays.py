"""Pictures as a notebook holds them: NumPy arrays of several kinds, and Pillow's pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

EXPECTED = "pictures are (H, W) or (H, W, 3) arrays, uint8, uint16 or float from 0 to 1, or Pillow's"


def as_levels(picture: Any) -> np.ndarray:
    """A picture's levels, (H, W, 3), uint8 or uint16. Floats are taken with 16 bits; gray is repeated.

    Raises ValueError, saying what is expected, for other shapes, types and ranges.
    """
    if isinstance(picture, Image.Image):
        picture = _of_pillow(picture)
    if not isinstance(picture, np.ndarray):
        raise ValueError(f"{EXPECTED}, not {type(picture).__name__}")
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3) or 0 in picture.shape:
        raise ValueError(f"{EXPECTED}, not of shape {picture.shape}")
    if picture.dtype.kind == "f":
        if not (np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1):
            raise ValueError(f"{EXPECTED}; this one reaches from {picture.min():g} to {picture.max():g}")
        picture = (picture.astype(np.float64) * 65535).round().astype(np.uint16)
    elif picture.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{EXPECTED}, not {picture.dtype}")
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


def _of_pillow(picture: Image.Image) -> np.ndarray:
    """A Pillow picture's values; those of more than 8 bits as they are, which Pillow would cut off at white."""
    if not picture.mode.startswith(("I", "F")):
        return np.asarray(picture.convert("RGB"))
    values = np.asarray(picture)
    if values.dtype.kind == "i" and values.min() >= 0 and values.max() <= 65535:
        return values.astype(np.uint16)
    return values.astype(values.dtype.newbyteorder("="))


def like(levels: np.ndarray, original: Any) -> Any:
    """Levels, (H, W, 3), in the kind of the picture that they were made from; Pillow's colors have 8 bits."""
    if isinstance(original, Image.Image):
        return Image.fromarray(_in_8_bits(levels))
    if original.dtype.kind == "f":
        return (levels / np.float32(65535)).astype(original.dtype)
    return levels


def is_many(pictures: Any) -> bool:
    """Whether these are several pictures: a list, a tuple, or an array (N, H, W, 3)."""
    return isinstance(pictures, list | tuple) or (isinstance(pictures, np.ndarray) and pictures.ndim == 4)


def as_pictures(pictures: Any, same_size: bool = False) -> list[np.ndarray]:
    """Several pictures as 8-bit levels, (H, W, 3) each. Raises ValueError as as_levels does, and for none.

    same_size: also raise it where they differ in size.
    """
    if not is_many(pictures) or len(pictures) == 0:
        raise ValueError(f"several pictures are expected, as a list or as (N, H, W, 3): {EXPECTED}")
    levels = [as_levels(picture) for picture in pictures]
    sizes: Sequence[tuple[int, ...]] = sorted({picture.shape[:2] for picture in levels})
    if same_size and len(sizes) > 1:
        raise ValueError(f"pictures must have one size, not {sizes[0]} and {sizes[1]}")
    return [_in_8_bits(picture) for picture in levels]


def _in_8_bits(levels: np.ndarray) -> np.ndarray:
    return levels if levels.dtype == np.uint8 else (levels >> 8).astype(np.uint8)
