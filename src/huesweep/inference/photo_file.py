"""Photo files of every kind: 8 or 16 bits, gray, color, transparent, for print; with what a camera wrote into them."""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from huesweep.errors import UsageError
from huesweep.inference.photo_bigtiff import BIG_STARTS, as_tiff
from huesweep.inference.photo_color import to_srgb
from huesweep.inference.photo_formats import DEEP, SUFFIXES, check_transparency, ending_for, readable
from huesweep.inference.photo_metadata import (
    Metadata,
    dpi_of,
    library,
    orientation_of,
    png_texts,
    read_source,
    source_of_blocks,
    with_metadata,
)
from huesweep.inference.photo_pixels import IN_BLOCKS, open_photo, pillows_limits, read_pixels, start_of
from huesweep.inference.photo_tiff import MILLIMETERS, STARTS
from huesweep.inference.photo_values import Pixels
from huesweep.inference.vips import from_array, libvips
from huesweep.io.atomic import write_atomically
from huesweep.io.pictures import TooLargeError, open_picture

ORIENTATION = 274  # EXIF's tag
USUAL_DPI = (72.0, 72.0)  # EXIF 2.3, of a file that tells none
SAVING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 98, "subsampling": 0},  # subsampled chroma would bleed over edges
    "WEBP": {"lossless": True, "exact": True},  # its lossy form always subsamples
}


class Photo(NamedTuple):
    """A photo, upright, as it is shown.

    pixels: sRGB, (H, W, 3) uint8 or uint16. alpha: opacity, (H, W) alike, or None. format: as Pillow calls it.
    remarks: what a person should know of how it was read.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    format: str
    metadata: Metadata
    is_gray: bool
    remarks: tuple[str, ...] = ()


def read_photo(path: Path, megapixels: float = 120.0, page: int | None = None) -> Photo:
    """Read a photo: its values go through its profile to sRGB, and it is turned upright.

    megapixels: the largest size, found out before anything is decoded. page: which of several, from 0; None is the
    first that is no thumbnail. Raises UsageError for a larger one, and for a file that can't be read whole.
    """
    try:
        with pillows_limits():
            pixels, picture = read_pixels(path, megapixels, page)
            return _as_shown(path, pixels, picture)
    except TooLargeError as error:
        size = f"{error.megapixels:.{0 if error.megapixels >= 10 else 2}f}"
        raise UsageError(f"img={path} has {size} megapixels, more than max_megapixels={megapixels:g}") from None
    except UnidentifiedImageError:
        empty = path.exists() and path.stat().st_size == 0
        reason = "empty" if empty else f"not a picture ({', '.join(readable())})"
    except Exception as error:  # a file may hold anything, and its readers raise many kinds
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise UsageError(f"img={path} can't be read: {' '.join(reason.split())}")


def _as_shown(path: Path, pixels: Pixels, picture: Image.Image | None) -> Photo:
    format = "TIFF" if picture is None else str(picture.format)
    colors = to_srgb(pixels.values, pixels.space, pixels.profile)
    remarks = [*pixels.remarks, *([colors.remark] if colors.remark else [])]
    source, told = None, 1
    try:
        source = _metadata_of(path, format, picture)
        told = orientation_of(source)
    except (library().Exiv2Error, ValueError):
        remarks.append("its metadata can't be read and are left out")
        told = _pillows_orientation(picture)
    turned = pixels.turned if format == "TIFF" else 1 if format == "HEIF" else told
    texts = png_texts(path.read_bytes()) if format == "PNG" else ()
    found = "JPEG" if format == "MPO" else format  # some cameras': the photo and a preview
    metadata = Metadata(source, colors.profile, pixels.dpi or dpi_of(source), texts, found)
    alpha = None if pixels.alpha is None else _turn(pixels.alpha, turned)
    return Photo(_turn(colors.values, turned), alpha, found, metadata, pixels.space == "GRAY", tuple(remarks))


def _metadata_of(path: Path, format: str, picture: Image.Image | None) -> Any:
    if format in ("BMP", "GIF"):
        return None
    if picture is not None and format in IN_BLOCKS:
        xmp = picture.info.get("xmp") or b""
        return source_of_blocks(picture.info.get("exif") or b"", xmp)
    return read_source(as_tiff(path) if start_of(path).startswith(BIG_STARTS) else path)


def _pillows_orientation(picture: Image.Image | None) -> int:
    """As orientation_of, of a file that exiv2 can't read."""
    with suppress(Exception):  # damaged metadata may raise anything
        return int(picture.getexif().get(ORIENTATION, 1)) if picture else 1
    return 1


def _turn(values: np.ndarray, orientation: int) -> np.ndarray:
    """Upright rows and columns for an orientation as in EXIF 2.3, table 'Orientation'."""
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return np.ascontiguousarray(values)  # PyTorch takes no steps backwards


def result_ending(path: Path, megapixels: float) -> str:
    """How the name of a photo's result ends: as the photo's, or by what the file holds.

    Raises UsageError where that can't be told, and so not read either.
    """
    if path.suffix.lower() in SUFFIXES:
        return path.suffix
    try:
        if start_of(path).startswith(STARTS):
            return ending_for("TIFF", False)
        with pillows_limits(), open_photo(path, megapixels) as picture:
            return ending_for(str(picture.format), picture.has_transparency_data)
    except Exception:
        read_photo(path, megapixels)  # tells what is wrong
        return ".png"


def write_photo(path: Path, photo: Photo, format: str) -> list[str]:
    """Write a photo in one step, with its metadata, in 16 bits where it has them and the format takes them.

    It is decoded again before it takes its name. Gives what of it the format can't hold, in words. Raises
    UsageError where the format can't hold its transparency or its size, and where the file can't be written.
    """
    if photo.alpha is not None:
        check_transparency(path, format)
    size = photo.pixels.shape[1], photo.pixels.shape[0]
    try:
        encoded, lost = with_metadata(
            _encode(photo, format), photo.metadata, format, size, lambda result: _check(result, format, size)
        )
        write_atomically(path, lambda file: file.write(encoded))
    except (OSError, ValueError, libvips().Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"out={path} can't be written: {' '.join(reason.split())}") from None
    is_shallower = photo.pixels.dtype == np.uint16 and format not in DEEP
    return [*lost, *["16 bits a channel"] * is_shallower]


def _encode(photo: Photo, format: str) -> bytes:
    pixels, alpha = photo.pixels, photo.alpha
    is_deep = pixels.dtype == np.uint16
    if is_deep and format not in DEEP:
        pixels, alpha = _to_8_bits(pixels), None if alpha is None else _to_8_bits(alpha)
    values = pixels if alpha is None else np.dstack([pixels, alpha])
    if format == "TIFF" or (is_deep and format in DEEP):
        return _encode_with_vips(values, format, photo.metadata)
    options = {**SAVING.get(format, {})}
    if format != "BMP":
        found = {"icc_profile": photo.metadata.icc_profile, "dpi": photo.metadata.dpi}
        options |= {name: value for name, value in found.items() if value}
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(file, format=format, **options)
    return file.getvalue()


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _encode_with_vips(values: np.ndarray, format: str, metadata: Metadata) -> bytes:
    image = from_array(values, "RGB", metadata.icc_profile)
    across, down = metadata.dpi or USUAL_DPI
    image = image.copy(xres=across / MILLIMETERS, yres=down / MILLIMETERS)
    if format == "TIFF":
        options = {"compression": "deflate", "predictor": "horizontal", "resunit": "inch", "keep": "icc"}
        return bytes(image.tiffsave_buffer(**options))
    return bytes(image.pngsave_buffer(compression=3, filter="sub", keep="icc"))


def _check(encoded: bytes, format: str, size: tuple[int, int]) -> None:
    """Decode a result. Raises ValueError for one that is not as large as it should be, and what readers raise."""
    if format == "TIFF":
        image = libvips().Image.tiffload_buffer(encoded, fail_on="error", access="sequential")
        image.avg()
        found = image.width, image.height
    else:
        with pillows_limits(), open_picture(io.BytesIO(encoded), np.inf, (format,)) as picture:
            picture.load()
            found = picture.size
    if found != size:
        raise ValueError(f"{format} of {size[0]} x {size[1]} pixels reads as {found[0]} x {found[1]}")
