"""libvips, loaded where it is needed: TIFF of every layout, 16 bits a value, and colors through profiles."""

import logging
from functools import cache
from typing import Any

import numpy as np

INTERPRETATIONS = {  # of arrays, by the depth of a value and what it counts
    ("GRAY", 8): "b-w",
    ("GRAY", 16): "grey16",
    ("RGB", 8): "srgb",
    ("RGB", 16): "rgb16",
    ("CMYK", 8): "cmyk",
    ("CMYK", 16): "cmyk",
}


@cache
def libvips() -> Any:
    """The module pyvips, set to read by none of the loaders that its makers call untrusted, and to keep nothing."""
    import pyvips

    logging.getLogger("pyvips").setLevel(logging.ERROR)  # it tells of its threads
    pyvips.block_untrusted_set(True)
    pyvips.cache_set_max(0)
    return pyvips


def from_array(values: np.ndarray, space: str, profile: bytes = b"") -> Any:
    """An image of libvips of (H, W, C) uint8 or uint16 values in `space`: GRAY, RGB or CMYK, and further channels."""
    pyvips = libvips()
    height, width, bands = values.shape
    is_deep = values.dtype == np.uint16
    content = np.ascontiguousarray(values)
    image = pyvips.Image.new_from_memory(content.data, width, height, bands, "ushort" if is_deep else "uchar")
    image = image.copy(interpretation=INTERPRETATIONS[space, 16 if is_deep else 8])
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def to_array(image: Any) -> np.ndarray:
    """The values of an image, (H, W, C). Raises pyvips.Error, as every use of an image does."""
    values = image.numpy()
    return values[..., None] if values.ndim == 2 else values
