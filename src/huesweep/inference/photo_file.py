"""Photo files of every kind: 8 or 16 bits, gray, color, transparent, for print; with what a camera wrote into them."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import tifffile
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from huesweep.errors import UsageError
from huesweep.io.atomic import write_atomically
from huesweep.io.pictures import PHOTO_FORMATS, TooLargeError, check_png_chunks, open_picture

SUFFIXES = {  # how the names of photos end, and the format
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
FORMATS = {suffix.removeprefix("."): format for suffix, format in SUFFIXES.items()}
DEEP = ("PNG", "TIFF")  # hold 16 bits
OPAQUE = ("JPEG", "BMP")  # hold no transparency
ORIENTATION, SOFTWARE = 0x0112, 0x0131
SHORT, WHITE_IS_ZERO = 3, 0  # of TIFF: a kind of value, a photometric interpretation
EXIF_START = b"Exif\0\0"
LARGEST_EXIF = 65533  # bytes in a JPEG file
# TIFF tags that tell how the values lie in the file, which in the result is different (TIFF 6.0, section 8 and after)
LAYOUT = {*range(254, 260), *range(277, 285), *range(317, 331), *range(529, 533), ORIENTATION}
LAYOUT |= {262, 263, 266, 273, 296, 301, 338, 339, 347, 700, 34675}
SAVING: dict[str, dict[str, Any]] = {  # TIFF is written uncompressed: Pillow's compressing writer takes no EXIF
    "JPEG": {"quality": 98, "subsampling": 0},  # subsampled chroma would bleed over edges
    "WEBP": {"lossless": True, "exact": True},  # its lossy form always subsamples
}


class Metadata(NamedTuple):
    """What goes from the photo into the result: EXIF less the orientation, the profile of RGB values, resolution.

    Called as Pillow calls them.
    """

    exif: bytes = b""
    icc_profile: bytes = b""
    dpi: tuple[float, float] | None = None


class Photo(NamedTuple):
    """A photo, upright.

    pixels: (H, W, 3) uint8 or uint16. alpha: opacity, (H, W) alike, or None. format: as Pillow calls it.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    format: str
    metadata: Metadata
    is_gray: bool


def read_photo(path: Path, megapixels: float = 120.0) -> Photo:
    """Read a photo: RGB values as they are in the file, whatever its profile; CMYK is converted to sRGB by its own.

    megapixels: the largest size, found out before anything is decoded. Of several pages the first is read. Raises
    UsageError for a larger one, and for a file that can't be read whole.
    """
    try:
        with _own_limit(), open_picture(path, megapixels, PHOTO_FORMATS) as picture:
            return _read(picture, path)
    except TooLargeError as error:
        raise UsageError(
            f"img={path} has {error.megapixels:.0f} megapixels, more than max_megapixels={megapixels:g}"
        ) from None
    except UnidentifiedImageError:
        empty = path.exists() and path.stat().st_size == 0
        reason = "empty" if empty else f"not a picture ({', '.join(SUFFIXES)})"
    except Exception as error:  # a file may hold anything, and Pillow and OpenCV raise many kinds
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise UsageError(f"img={path} can't be read: {' '.join(reason.split())}")


@contextmanager
def _own_limit() -> Iterator[None]:
    earlier, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of broken EXIF, which is dropped
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = earlier


def _read(picture: Image.Image, path: Path) -> Photo:
    is_gray = picture.mode in ("1", "L", "LA", "La") or picture.mode.startswith("I")
    found = "JPEG" if picture.format == "MPO" else str(picture.format)  # some cameras': the photo and a preview
    is_deep = _is_deep(picture)
    if picture.mode == "F":
        raise ValueError("its values are floating-point numbers, not levels of 8 or 16 bits")
    picture.load()  # tells in words of what is broken; turns a TIFF upright
    exif, turned = _exif_to_keep(picture)
    metadata = Metadata(exif, _rgb_profile(picture), _resolution(picture))
    if is_deep:
        pixels, alpha = _read_deep(picture, path)
    else:
        if picture.mode == "CMYK":
            picture = _from_print(picture)
        alpha = None
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            alpha = np.asarray(picture.getchannel("A"))
        pixels = np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    return Photo(_turn(pixels, turned), None if alpha is None else _turn(alpha, turned), found, metadata, is_gray)


def _is_deep(picture: Image.Image) -> bool:
    """Whether a file that has not been decoded yet holds 16 bits a value; those for print are read with 8."""
    if picture.mode == "CMYK":
        return False
    if picture.mode.startswith("I"):
        return True
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        return 16 in (picture.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE) or ())
    tiles = getattr(picture, "tile", None)
    arguments = tiles[0][3] if tiles else ""
    raw = arguments if isinstance(arguments, str) else str(arguments[0]) if arguments else ""
    return ";16" in raw


def _read_deep(picture: Image.Image, path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of 16 bits, turned as Pillow turned the picture when it loaded it."""
    tags = getattr(picture, "tag_v2", {})
    if tags.get(TiffImagePlugin.PLANAR_CONFIGURATION, 1) != 1:
        raise ValueError("its 16-bit values lie in planes, one for each color: save it with interleaved ones")
    content = path.read_bytes()
    check_png_chunks(content)
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16:
        raise ValueError("its depth is neither 8 nor 16 bits")
    if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO:
        values = 65535 - values
    if values.ndim == 2:
        return np.repeat(values[..., None], 3, axis=2), None
    has_alpha = values.shape[2] == 4 and tags.get(TiffImagePlugin.EXTRASAMPLES, (2,))[0] in (1, 2)
    return values[..., 2::-1], values[..., 3] if has_alpha else None


def _turn(values: np.ndarray, orientation: int) -> np.ndarray:
    """Upright rows and columns for an orientation as in EXIF 2.3, table 'Orientation'."""
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values


def _exif_to_keep(picture: Image.Image) -> tuple[bytes, int]:
    """The EXIF of the result, which is upright, and the orientation that the photo's tells; nothing of a broken one."""
    try:
        found = picture.getexif()
        turned = found.get(ORIENTATION, 1)
        if block := picture.info.get("exif", b""):
            return EXIF_START + _as_upright(block.removeprefix(EXIF_START)), turned
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            if directory in found:
                found.get_ifd(directory)  # read it now, so that it is written below
        exif = Image.Exif()
        exif.load(found.tobytes())
        for tag in LAYOUT & set(exif):
            del exif[tag]
        return exif.tobytes() if len(exif) else b"", turned
    except Exception:  # the block may hold anything
        return b"", 1


def _as_upright(block: bytes) -> bytes:
    """An EXIF block, in TIFF's layout, whose orientation is 1; everything else in it stays as it is."""
    order = "<" if block[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", block, 4)
    (count,) = struct.unpack_from(f"{order}H", block, first)
    upright = bytearray(block)
    for place in range(first + 2, first + 2 + 12 * count, 12):
        if struct.unpack_from(f"{order}H", block, place) == (ORIENTATION,):
            struct.pack_into(f"{order}HHIHH", upright, place, ORIENTATION, SHORT, 1, 1, 0)
    return bytes(upright)


def _resolution(picture: Image.Image) -> tuple[float, float] | None:
    across, down = picture.info.get("dpi", (0, 0))
    return (float(across), float(down)) if across > 1 and down > 1 else None


def _rgb_profile(picture: Image.Image) -> bytes:
    profile = picture.info.get("icc_profile") or b""
    return profile if profile[16:20] == b"RGB " else b""  # others describe values that the result doesn't hold


def _from_print(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile") or b""
    if profile[16:20] != b"CMYK":
        return picture.convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert converted is not None
    return converted


def format_of(path: Path, given: str | None = None) -> str:
    """The format to write: the one named, or that of the path's ending. Raises UsageError for others."""
    suffix = path.suffix.lower()
    if given is not None:
        if given.lower() not in FORMATS:
            raise UsageError(f"format={given} does not exist; choices: {', '.join(FORMATS)}")
        return FORMATS[given.lower()]
    if suffix not in SUFFIXES:
        raise UsageError(f"out={path} must end in one of {', '.join(SUFFIXES)}")
    return SUFFIXES[suffix]


def write_photo(path: Path, photo: Photo, format: str) -> None:
    """Write a photo in one step, with its metadata, in 16 bits where it has them and the format takes them.

    Raises UsageError where the format can't hold its transparency or its size, and where the file can't be written.
    """
    if photo.alpha is not None and format in OPAQUE:
        raise UsageError(f"out={path}: {format} keeps no transparency; add format=png, webp or tiff")
    pixels, alpha = photo.pixels, photo.alpha
    try:
        if pixels.dtype == np.uint16 and format in DEEP:
            encoded = _encode_deep(pixels, alpha, format, photo.metadata)
            write_atomically(path, lambda file: file.write(encoded))
            return
        if pixels.dtype == np.uint16:
            pixels, alpha = _to_8_bits(pixels), None if alpha is None else _to_8_bits(alpha)
        image = Image.fromarray(pixels if alpha is None else np.dstack([pixels, alpha]))
        options = {**SAVING.get(format, {})}
        if format != "BMP":
            options |= {name: value for name, value in photo.metadata._asdict().items() if value}
        if format == "JPEG" and len(photo.metadata.exif) > LARGEST_EXIF:
            del options["exif"]
        write_atomically(path, lambda file: image.save(file, format=format, **options))
    except (OSError, ValueError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"out={path} can't be written: {reason}") from None


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _encode_deep(pixels: np.ndarray, alpha: np.ndarray | None, format: str, metadata: Metadata) -> bytes:
    if format == "TIFF":
        return _encode_deep_tiff(pixels, alpha, metadata)
    values = pixels[..., ::-1] if alpha is None else np.dstack([pixels[..., ::-1], alpha])
    kinds, blobs = [], []
    for kind, blob in ((cv2.IMAGE_METADATA_EXIF, metadata.exif), (cv2.IMAGE_METADATA_ICCP, metadata.icc_profile)):
        if blob:
            kinds.append(kind)
            blobs.append(np.frombuffer(blob.removeprefix(EXIF_START), np.uint8))
    done, encoded = cv2.imencodeWithMetadata(".png", np.ascontiguousarray(values), kinds, blobs)
    if not done:
        raise ValueError("the encoder refused it")
    return encoded.tobytes()


def _encode_deep_tiff(pixels: np.ndarray, alpha: np.ndarray | None, metadata: Metadata) -> bytes:
    """Of EXIF, the texts in the first directory: maker, model, date, artist, copyright."""
    exif = Image.Exif()
    exif.load(metadata.exif)
    texts = [(tag, "s", 0, value, True) for tag, value in exif.items() if isinstance(value, str) and tag != SOFTWARE]
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        pixels if alpha is None else np.dstack([pixels, alpha]),
        photometric="rgb",
        extrasamples=None if alpha is None else ["unassalpha"],
        compression="zlib",
        predictor=True,
        iccprofile=metadata.icc_profile or None,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        metadata=None,
        software=exif.get(SOFTWARE, False),
        extratags=texts,
    )
    return file.getvalue()
