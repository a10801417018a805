"""Reading picture files of every kind as upright 8-bit RGB, and bringing them to a size."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
Fit = Literal["crop", "pad", "stretch"]
FITS: tuple[str, ...] = get_args(Fit)


class UnreadableError(Exception):
    """A file that is no picture, or a broken one; the message says why."""


def read_rgb(path: Path) -> Image.Image:
    """The picture in a file, upright, in mode RGB; the first one of an animation; transparency shows white.

    Levels of 16 bits are scaled to 8. Raises UnreadableError for everything that can't be read whole.
    """
    try:
        with Image.open(path) as picture:
            return _as_rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        empty = path.exists() and path.stat().st_size == 0
        raise UnreadableError("empty" if empty else "not a picture") from None
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"too large ({error})") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise UnreadableError(getattr(error, "strerror", None) or str(error) or type(error).__name__) from None


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        levels = np.asarray(picture, dtype=np.float64)
        scale = 257 if levels.max(initial=0) > 255 else 1  # 65535 / 255
        return Image.fromarray((levels / scale).clip(0, 255).round().astype(np.uint8)).convert("RGB")
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
