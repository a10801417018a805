"""What a photo's file tells beside pixels, carried whole into the result by exiv2: EXIF, IPTC, XMP, comment, texts."""

import io
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from huesweep.inference.photo_iptc import add_to_xmp
from huesweep.io.picture_parts import SEGMENT_HEAD, jpeg_segments, png_chunk, png_chunks

DESCRIBED = ("JPEG", "PNG", "WEBP", "TIFF")  # formats that hold metadata
# TIFF tags that tell how values lie in the file, or hold what the result has in its own place (TIFF 6.0; DNG 1.7)
LAYOUT = {*range(254, 260), 262, 263, 266, 273, *range(277, 282), 284, 301, *range(317, 331), 332, *range(338, 348)}
LAYOUT |= {*range(512, 533), 700, 33421, 33422, 33723, 34377, 34675, 37724, *range(50706, 51126)}
PICTURES = (
    "Thumbnail",
    "SubImage",
    "SubThumb",
    "Image2",
    "Image3",
    "MpfInfo",
)  # groups of EXIF about others than the photo
XMP_LAYOUT: tuple[str, ...] = ("tiff.BitsPerSample", "tiff.Compression", "tiff.PhotometricInterpretation")
XMP_LAYOUT += (
    "tiff.SamplesPerPixel",
    "tiff.PlanarConfiguration",
    "xmp.Thumbnails",
    "photoshop.ColorMode",
    "photoshop.ICCProfile",
)
TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"tIME")  # chunks of PNG
OWN_TEXTS = (b"XML:com.adobe.xmp\0", b"Raw profile type ")  # what exiv2 writes itself
COMMENT = b"Description\0"  # how a text begins that exiv2 takes for one
ICC_PROFILE = b"ICC_PROFILE\0"  # how the content of a JPEG's segment begins
PNG_HEADER = 33  # bytes: the signature and the chunk IHDR
MOST_DPI = 100_000
CENTIMETERS, IN_CENTIMETERS = 2.54, 3
ORIENTATION = "Exif.Image.Orientation"
SRGB = 1  # of the tag ColorSpace


class Metadata(NamedTuple):
    """What goes from the photo into the result.

    source: exiv2's image of the photo's file, or None. icc_profile: of the photo's values as read, which are RGB.
    dpi: resolution across and down. texts: a PNG file's chunks of text, as they are. format: as Pillow calls it.
    """

    source: Any = None
    icc_profile: bytes = b""
    dpi: tuple[float, float] | None = None
    texts: tuple[bytes, ...] = ()
    format: str = ""


@cache
def library() -> Any:
    """The module exiv2, which says nothing of what it finds damaged."""
    import exiv2

    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    return exiv2


def read_source(file: Path | bytes) -> Any:
    """exiv2's image of a photo's file, or of its content. Raises exiv2.Exiv2Error for one that it can't read."""
    try:
        return _read(as_taken(file))
    except library().Exiv2Error:
        content = file.read_bytes() if isinstance(file, Path) else file
        return _read(_without_profile(content) if content.startswith(b"\xff\xd8") else content)


def as_taken(file: Path | bytes) -> str | bytes:
    """A file by its name; by its content where the name is in no encoding that libraries take, as old archives have."""
    if isinstance(file, bytes):
        return file
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return file.read_bytes()
    return str(file)


def _read(file: str | bytes) -> Any:
    source = library().ImageFactory.open(file)
    source.readMetadata()
    return source


def _without_profile(content: bytes) -> bytes:
    """A JPEG file less its color profile, whose damage would keep exiv2 from the rest."""
    start, segments = content[:2], list(jpeg_segments(content))
    rest = content[len(start) + sum(map(len, segments)) :]
    kept = [segment for segment in segments if not segment.startswith(ICC_PROFILE, SEGMENT_HEAD)]
    return b"".join([start, *kept, rest])


def source_of_blocks(exif: bytes, xmp: bytes) -> Any:
    """As read_source, of blocks that another reader found in a file."""
    blocks = {name: block for name, block in (("exif", exif), ("xmp", xmp)) if block}
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "WEBP", **blocks)
    return _read(file.getvalue())


def orientation_of(source: Any) -> int:
    """How a photo is turned, 1 to 8 as in EXIF 2.3; 1 where nothing valid is told."""
    if source is None:
        return 1
    exif = source.exifData()
    with suppress(library().Exiv2Error):
        place = exif.findKey(library().ExifKey(ORIENTATION))
        if place != exif.end() and 1 <= place.toInt64() <= 8:
            return int(place.toInt64())
    return 1


def dpi_of(source: Any) -> tuple[float, float] | None:
    """The resolution that EXIF tells, across and down."""
    if source is None:
        return None
    exif, found = source.exifData(), {}
    with suppress(library().Exiv2Error, ZeroDivisionError):
        for name in ("XResolution", "YResolution", "ResolutionUnit"):
            place = exif.findKey(library().ExifKey(f"Exif.Image.{name}"))
            found[name] = 0.0 if place == exif.end() else float(place.toFloat())
    scale = CENTIMETERS if found.get("ResolutionUnit") == IN_CENTIMETERS else 1.0
    across, down = found.get("XResolution", 0) * scale, found.get("YResolution", 0) * scale
    return (across, down) if 1 < across < MOST_DPI and 1 < down < MOST_DPI else None


def png_texts(content: bytes) -> tuple[bytes, ...]:
    """The chunks of text in a PNG file, less damaged ones and those of metadata that exiv2 knows."""
    texts = (chunk.body for chunk in png_chunks(content) if chunk.kind in TEXTS and chunk.is_whole)
    return tuple(text for text in texts if not text.startswith(OWN_TEXTS, 4))


def resolution_of(picture: Image.Image) -> tuple[float, float] | None:
    across, down = picture.info.get("dpi", (0, 0))
    return (float(across), float(down)) if 1 < across < MOST_DPI and 1 < down < MOST_DPI else None


def with_metadata(
    encoded: bytes, metadata: Metadata, format: str, size: tuple[int, int], check: Callable[[bytes], None]
) -> tuple[bytes, list[str]]:
    """An encoded result with the photo's metadata, and what of them the result can't hold, in words.

    size: width and height of the result. Layout, thumbnail and size are the result's own. check: raises something for
    a result that can't be read, which then gets less of the metadata: the usual ones, or none.
    """
    if format in DESCRIBED and (metadata.source is not None or metadata.dpi is not None or metadata.texts):
        source = metadata.source or source_of_blocks(b"", b"")
        for is_whole in (True, False):
            lost = _lost_texts(metadata, format) if is_whole else ["all metadata"]
            with suppress(Exception):  # they may hold anything, and be more than a JPEG's segments take
                _set_right(source, metadata, format, size)
                result = _written(encoded, source, metadata, format, is_whole, lost)
                check(result)
                return result, lost
    check(encoded)
    is_lost = metadata.source is not None and (format in DESCRIBED or _tells_anything(metadata.source))
    return encoded, ["metadata"] if is_lost else _lost_texts(metadata, format)


def _lost_texts(metadata: Metadata, format: str) -> list[str]:
    """What to tell of a PNG file's texts, less the one that exiv2 takes for a comment."""
    others = [text for text in metadata.texts if not text.startswith(b"tIME") and text[4:16] != COMMENT]
    return ["its texts"] if others and format != "PNG" else []


def _tells_anything(source: Any) -> bool:
    told = (source.exifData(), source.iptcData(), source.xmpData())
    return not all(data.empty() for data in told) or _comment_of(source) != ""


def _comment_of(source: Any) -> str:
    """Its comment, of which no standard tells the encoding: UTF-8, or else Latin-1."""
    comment = str(source.comment())
    try:
        comment.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8 come as surrogates
        return comment.encode(errors="surrogateescape").decode("latin-1")
    return comment


def _written(encoded: bytes, source: Any, metadata: Metadata, format: str, is_whole: bool, lost: list[str]) -> bytes:
    exiv2 = library()
    if format == "PNG" and is_whole:
        encoded = encoded[:PNG_HEADER] + b"".join(map(png_chunk, metadata.texts)) + encoded[PNG_HEADER:]
    result = _read(encoded)
    parts = {
        "EXIF": (exiv2.MetadataId.Exif, source.exifData(), result.setExifData),
        "IPTC": (exiv2.MetadataId.Iptc, source.iptcData(), result.setIptcData),
        "XMP": (exiv2.MetadataId.Xmp, source.xmpData(), result.setXmpData),
        "its comment": (exiv2.MetadataId.Comment, _comment_of(source), result.setComment),
    }
    if not is_whole:
        _erase(source.exifData(), lambda datum: datum.groupName() not in ("Image", "Photo", "GPSInfo"))
        _erase(source.exifData(), lambda datum: datum.size() > 4096)
        del parts["its comment"]
    if format == "PNG" and metadata.format == "PNG":
        parts.pop("its comment", None)  # is among the texts
    for name, (kind, content, put) in parts.items():
        there = bool(content) if isinstance(content, str) else not content.empty()
        if there and result.checkMode(kind) != exiv2.AccessMode.amReadWrite:
            lost.append(name)
        elif there:
            put(content)
    if "IPTC" in lost and "XMP" not in lost and add_to_xmp(source.iptcData(), result.xmpData()):
        lost.remove("IPTC")
    result.writeMetadata()
    file = result.io()
    file.open()
    return bytes(file.mmap())


def _erase(data: Any, is_meant: Callable[[Any], bool]) -> None:
    place = data.begin()
    while place != data.end():
        if is_meant(place):
            place = data.erase(place)
        else:
            next(place)


def _set_right(source: Any, metadata: Metadata, format: str, size: tuple[int, int]) -> None:
    exif, xmp = source.exifData(), source.xmpData()
    _erase(exif, lambda datum: datum.groupName().startswith(PICTURES))
    _erase(exif, lambda datum: datum.groupName() == "Image" and datum.tag() in LAYOUT)
    _erase(xmp, lambda datum: datum.key().removeprefix("Xmp.").startswith(XMP_LAYOUT))
    right = {"Photo.PixelXDimension": size[0], "Photo.PixelYDimension": size[1], "Image.Orientation": 1}
    right |= {"Photo.ColorSpace": SRGB}
    _erase(exif, lambda datum: datum.groupName() == "Iop")  # which tells Adobe RGB by a name of its own
    for key, value in right.items():
        _replace(exif, library().ExifKey(f"Exif.{key}"), f"Exif.{key}", str(value))
    of_xmp = {"tiff.Orientation": 1, "tiff.ImageWidth": size[0], "tiff.ImageLength": size[1]}
    of_xmp |= {"exif.PixelXDimension": size[0], "exif.PixelYDimension": size[1]}
    of_xmp |= {"exif.ColorSpace": SRGB}
    for key, value in of_xmp.items():
        _replace(xmp, library().XmpKey(f"Xmp.{key}"), f"Xmp.{key}", str(value))
    has_resolution = exif.findKey(library().ExifKey("Exif.Image.XResolution")) != exif.end()
    if metadata.dpi and not has_resolution and format in ("TIFF", "WEBP"):
        for name, dots in zip(("XResolution", "YResolution"), metadata.dpi, strict=True):
            exif[f"Exif.Image.{name}"] = f"{round(dots * 1000)}/1000"
        exif["Exif.Image.ResolutionUnit"] = "2"


def _replace(data: Any, key: Any, name: str, value: str) -> None:
    """Set a value that is there."""
    if data.findKey(key) != data.end():
        data[name] = value
