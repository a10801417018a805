"""Opening picture files from strangers: in the formats that the suite reads, up to a size, by no other program."""

import threading
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from huesweep.io.picture_parts import PNG_START, png_chunks

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")  # as Pillow names them; what some cameras write is MPO, a JPEG
PHOTO_FORMATS = (*FORMATS, "AVIF")
LARGEST = 64.0  # megapixels: a full-frame camera's pictures, in half a gigabyte of memory
_opening = threading.Lock()  # as filters of warnings are the whole process's


class TooLargeError(ValueError):
    """A picture with more megapixels than are read, found out before any is decoded; the message tells both."""

    def __init__(self, megapixels: float, most: float) -> None:
        super().__init__(f"{megapixels:.4g} megapixels, more than {most:g}")
        self.megapixels = megapixels


def open_picture(file: Path | BinaryIO, megapixels: float = LARGEST, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """Open a picture of one of `formats`, whatever its name ends in, without decoding it yet.

    Pillow knows more formats, and leaves some of them to programs such as Ghostscript, which run what is in the file.
    Raises PIL.UnidentifiedImageError for another format, TooLargeError, and whatever Pillow does for a broken file.
    """
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # refused below
        picture = Image.open(file, formats=formats)
    pixels = picture.width * picture.height / 1e6
    if pixels > megapixels:
        picture.close()
        raise TooLargeError(pixels, megapixels)
    return picture


def check_png_chunks(content: bytes) -> None:
    """Raise ValueError for a PNG file with a chunk that is longer than the file.

    OpenCV makes room for a chunk's length before it looks for the chunk: up to 2 GB for a file of a hundred bytes.
    """
    if content.startswith(PNG_START) and any(chunk.is_cut for chunk in png_chunks(content)):
        raise ValueError("it is truncated")
