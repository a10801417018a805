"""Reading the pixels of photo files, told apart by their content: by Pillow, and by libvips what Pillow can't."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image

from huesweep.inference.photo_color import of_gamma
from huesweep.inference.photo_directories import OverfullError, check_directory
from huesweep.inference.photo_metadata import resolution_of
from huesweep.inference.photo_tiff import STARTS, read_tiff, tiff_pages
from huesweep.inference.photo_values import Pixels
from huesweep.inference.vips import libvips, to_array
from huesweep.io.picture_parts import APP1, JPEG_START, PNG_START, SEGMENT_HEAD, PngChunk, jpeg_segments, png_chunks
from huesweep.io.pictures import PHOTO_FORMATS, TooLargeError, check_png_chunks, open_picture

END_OF_JPEG = b"\xff\xd9"
RESTARTS = [bytes([0xFF, 0xD0 + turn]) for turn in range(8)]
# What may follow the last pixel of a JPEG and change none; where pixels are missing, they become them.
MORE_OF_JPEG = [b"", *(bytes([byte] * 64).join([b"", *RESTARTS]) for byte in (0x55, 0xAA))]
NEEDED = 0x20  # bit of a PNG chunk's first letter that a needed one's has not
HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
IN_BLOCKS = ("AVIF", "HEIF")  # formats whose metadata Pillow's reader gives, as exiv2 doesn't know them
EXIF = b"Exif\0\0"  # how the content of a JPEG's segment begins
TIFF_START = re.compile(rb"II\*\0|MM\0\*")
MOST_EXIF = 16  # places in a file that look like it


@contextmanager
def pillows_limits() -> Iterator[None]:
    """Our own limit of size instead of Pillow's, and nothing said of broken metadata."""
    earlier, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = earlier


def read_pixels(path: Path, megapixels: float, page: int | None = None) -> tuple[Pixels, Image.Image | None]:
    """The pixels of a photo file, and Pillow's picture of it where that has read it.

    page: which of several, from 0; None takes the first. Raises what the readers raise.
    """
    start = start_of(path)
    if start.startswith(STARTS):
        return read_tiff(path, megapixels, tiff_pages(path)[page or 0]), None
    try:
        with open_photo(path, megapixels) as picture:
            return _read(picture, path, page or 0), picture
    except (TooLargeError, OverfullError):
        raise
    except (OSError, SyntaxError, ValueError):
        mended, remark = _mend(path, start, megapixels)
        if not remark:
            raise
    with open_picture(io.BytesIO(mended), megapixels, PHOTO_FORMATS) as picture:
        pixels = _read(picture, mended, 0)
        return pixels._replace(remarks=(*pixels.remarks, remark)), picture


def start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def open_photo(path: Path, megapixels: float) -> Image.Image:
    """Open a photo that is no TIFF, without decoding it yet.

    Raises as open_picture, ValueError, which asks for a library, for HEIC, and OverfullError for EXIF that would take
    the memory.
    """
    start = start_of(path)
    for exif in _exif_blocks(path, start):
        check_directory(exif)
    formats: tuple[str, ...] = PHOTO_FORMATS
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        try:
            from pillow_heif import register_heif_opener
        except ImportError:
            raise ValueError("HEIC needs a library: pip install pillow-heif") from None
        register_heif_opener()
        formats += ("HEIF",)
    return open_picture(path, megapixels, formats)


def _exif_blocks(path: Path, start: bytes) -> Iterator[bytes]:
    """The EXIF that Pillow reads as soon as it opens a file: a JPEG's segments of it joined, what may be an AVIF's."""
    if start.startswith(JPEG_START):
        content = path.read_bytes()
        held = [segment[SEGMENT_HEAD:] for segment in jpeg_segments(content) if segment.startswith(APP1)]
        yield b"".join(part.removeprefix(EXIF) for part in held if part.startswith(EXIF))
    elif start[4:8] == b"ftyp":
        content = path.read_bytes()
        places = [found.start() for found in TIFF_START.finditer(content)]
        if len(places) > MOST_EXIF:
            raise OverfullError
        for place in places:
            yield content[place:]


def count_pages(path: Path, megapixels: float) -> int:
    """How many pages or frames a file holds, less thumbnails and previews; 1 for one that can't be read."""
    with suppress(Exception), pillows_limits():
        if start_of(path).startswith(STARTS):
            return len(tiff_pages(path))
        with open_photo(path, megapixels) as picture:
            is_one = picture.format in ("MPO", "JPEG", "HEIF") or _is_deep(picture)  # of which the first is read
            return 1 if is_one else getattr(picture, "n_frames", 1)
    return 1


def tell_first(count: int) -> str:
    """What a person should know of a file with so many pages of which one is taken."""
    return f"the first of {count} pages is taken"


def _read(picture: Image.Image, file: Path | bytes, page: int) -> Pixels:
    is_deep = _is_deep(picture)
    if page:
        picture.seek(page)
    picture.load()  # tells in words of what is broken
    profile, dpi = picture.info.get("icc_profile") or b"", resolution_of(picture)
    gamma = 0.0 if profile or "srgb" in picture.info else float(picture.info.get("gamma") or 0)
    if is_deep:
        values, alpha = _read_deep_png(file)
        values = of_gamma(values, gamma)
        return Pixels(values, "GRAY" if values.shape[2] == 1 else "RGB", alpha, profile, dpi=dpi)
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("LA" if picture.mode in ("1", "L", "LA") else "RGBA")
        alpha = np.asarray(picture.getchannel("A"))
    if picture.mode == "CMYK":
        return Pixels(np.asarray(picture), "CMYK", None, profile, dpi=dpi)
    if picture.mode in ("1", "L", "LA"):
        values = of_gamma(np.asarray(picture.convert("L")), gamma)
        return Pixels(values[..., None], "GRAY", alpha, profile, dpi=dpi)
    return Pixels(of_gamma(np.asarray(picture.convert("RGB")), gamma), "RGB", alpha, profile, dpi=dpi)


def _is_deep(picture: Image.Image) -> bool:
    """Whether a file that has not been decoded yet holds 16 bits a value."""
    if picture.mode.startswith("I"):
        return True
    tiles = getattr(picture, "tile", None)
    arguments = tiles[0][3] if tiles else ""
    raw = arguments if isinstance(arguments, str) else str(arguments[0]) if arguments else ""
    return picture.format == "PNG" and ";16" in raw  # a BMP's BGR;16 has 16 bits for all three


def _read_deep_png(file: Path | bytes) -> tuple[np.ndarray, np.ndarray | None]:
    content = file if isinstance(file, bytes) else file.read_bytes()
    check_png_chunks(content)
    values = to_array(libvips().Image.pngload_buffer(content, fail_on="error"))
    if values.dtype != np.uint16:
        raise ValueError("its depth is neither 8 nor 16 bits")
    if values.shape[2] in (2, 4):
        return values[..., :-1], values[..., -1]
    return values, None


def _mend(path: Path, start: bytes, megapixels: float) -> tuple[bytes, str]:
    """What can be read of a file with a fault that costs no pixel, and what the fault is; nothing of others."""
    if start.startswith(JPEG_START):
        content = path.read_bytes().removesuffix(END_OF_JPEG[:1])
        with suppress(OSError, SyntaxError, ValueError):
            whole, *others = (_jpeg_values(content + more + END_OF_JPEG, megapixels) for more in MORE_OF_JPEG)
            if all(np.array_equal(whole, other) for other in others):
                return content + END_OF_JPEG, "its file ends early, though no pixel is missing"
    if start.startswith(PNG_START):
        content = path.read_bytes()
        chunks = list(png_chunks(content))
        kept = [chunk.content for chunk in chunks if not _is_broken_extra(chunk)]
        if len(kept) < len(chunks):
            names = " ".join(sorted({chunk.kind.decode("latin-1") for chunk in chunks if _is_broken_extra(chunk)}))
            return PNG_START + b"".join(kept), f"a damaged part of its file ({names}) is left out"
    return b"", ""


def _jpeg_values(content: bytes, megapixels: float) -> np.ndarray:
    with open_picture(io.BytesIO(content), megapixels, ("JPEG", "MPO")) as picture:
        return np.array(picture)


def _is_broken_extra(chunk: PngChunk) -> bool:
    return bool(chunk.kind and chunk.kind[0] & NEEDED) and not chunk.is_whole
