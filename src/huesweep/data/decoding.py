"""Reading picture files of every kind as upright 8-bit RGB, and bringing them to a size."""

import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from huesweep.io.pictures import TooLargeError, open_picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
LARGEST_WEBP = 32.0  # megapixels: its decoder keeps four copies
LARGE = 16.0  # megapixels: of pictures above, one is decoded at a time
STRIP = 2**21  # pixels converted at a time
Fit = Literal["crop", "pad", "stretch"]
_decoding_large = threading.Lock()


class UnreadableError(Exception):
    """A file that is no picture, or a broken one; the message says why."""


def read_rgb(path: Path) -> Image.Image:
    """The picture in a file, upright, in mode RGB; the first one of an animation; transparency shows white.

    Levels of 16 bits are scaled to 8. Raises UnreadableError for everything that can't be read whole, and for a picture
    too large to be decoded in half a gigabyte.
    """
    try:
        with open_picture(path) as picture:
            pixels = picture.width * picture.height / 1e6
            if picture.format == "WEBP" and pixels > LARGEST_WEBP:
                raise TooLargeError(pixels, LARGEST_WEBP)
            with _decoding_large if pixels > LARGE else nullcontext():
                ImageOps.exif_transpose(picture, in_place=True)
                return _as_rgb(picture)
    except UnidentifiedImageError:
        empty = path.exists() and path.stat().st_size == 0
        reason = "empty" if empty else "not a picture"
    except (TooLargeError, Image.DecompressionBombError) as error:
        reason = f"too large ({error})"
    except Exception as error:  # a file may hold anything, and Pillow raises many kinds
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise UnreadableError(" ".join(reason.split()))


def _as_rgb(picture: Image.Image) -> Image.Image:
    """Convert strip by strip, as copies of a large picture are what takes memory."""
    picture.load()
    is_deep = picture.mode.startswith("I") or picture.mode == "F"
    scale = 257 if is_deep and np.asarray(picture).max(initial=0) > 255 else 1  # 65535 / 255
    rgb = Image.new("RGB", picture.size)
    rows = max(1, STRIP // picture.width)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        rgb.paste(_levels_as_rgb(strip, scale) if is_deep else _colors_as_rgb(strip), (0, top))
    return rgb


def _levels_as_rgb(picture: Image.Image, scale: int) -> Image.Image:
    levels = np.asarray(picture, dtype=np.float64)
    return Image.fromarray((levels / scale).clip(0, 255).round().astype(np.uint8)).convert("RGB")


def _colors_as_rgb(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        opaque = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque).convert("RGB")
    return picture.convert("RGB")


def fit_to(picture: Image.Image, size: int, fit: Fit) -> np.ndarray:
    """A picture as uint8 (3, size, size), resampled with antialiasing (Lanczos).

    fit: `crop` the middle square, `pad` to a square by repeating the edges, or `stretch` both sides.
    """
    width, height = picture.size
    if fit == "stretch":
        pixels = np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS))
    elif fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        box = (left, top, left + side, top + side)
        pixels = np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0))
    else:
        scale = size / max(width, height)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(picture.resize(inner, Image.Resampling.LANCZOS, reducing_gap=3.0))
        left, top = (size - inner[0]) // 2, (size - inner[1]) // 2
        edges = ((top, size - inner[1] - top), (left, size - inner[0] - left), (0, 0))
        pixels = np.pad(small, edges, mode="edge")
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
