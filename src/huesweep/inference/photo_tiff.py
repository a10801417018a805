"""TIFF files of any layout: pages, planes, tiles, extra channels, depths up to floating-point, by libvips."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from huesweep.inference.photo_color import CHANNELS, lab_to_srgb
from huesweep.inference.photo_directories import BELOW, EXTRA, OLD_SUBFILE, SUBFILE, profile_of, read_directories
from huesweep.inference.photo_metadata import as_taken
from huesweep.inference.photo_values import Pixels
from huesweep.inference.photo_wide import FLOATS, as_tuple, dpi_of_tags, is_wide, read_wide
from huesweep.inference.vips import libvips, to_array
from huesweep.io.pictures import TooLargeError, open_picture

STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
REDUCED, MASK, OLD_REDUCED = 1, 4, 2  # of the tags NewSubfileType and SubfileType
ALPHA, MULTIPLIED = (1, 2), 1  # of the tag ExtraSamples; libvips divides colors that were multiplied
FULL = {"scrgb": 1.0, "rgb16": 65535.0, "grey16": 65535.0}  # opacity, as it takes it by what values mean
USUALLY_FULL = 255.0
ROUNDING = 1e-6  # above white, of floating-point values that were divided
GRAYS, SEPARATE, HALF = (0, 1), 2, 16  # of the tags PhotometricInterpretation, PlanarConfiguration, BitsPerSample
MOST_CHANNELS = 64
STRIP = 2**18  # values made levels at once
MILLIMETERS = 25.4  # in an inch
NO_DPI = 25.41  # what libvips tells where a file tells nothing


def tiff_pages(path: Path) -> list[int]:
    """The places of the pictures in a TIFF file, less its thumbnails and masks, unless there is nothing else.

    Raises ValueError for a raw photo, as DNG and its like hold: beside thumbnails its picture, in directories below.
    """
    with path.open("rb") as file:
        found = [directory.tags for directory in read_directories(file)]
    places = [place for place, tags in enumerate(found) if not _is_reduced(tags)]
    if not places and any(BELOW in tags for tags in found):
        raise ValueError("it is a raw photo: develop it first")
    return places or [0]


def _is_reduced(tags: Mapping[int, Any]) -> bool:
    return bool(tags.get(SUBFILE, 0) & (REDUCED | MASK)) or tags.get(OLD_SUBFILE) == OLD_REDUCED


def read_tiff(path: Path, megapixels: float, page: int) -> Pixels:
    """The picture at a place in a TIFF file. Raises TooLargeError before it decodes, and whatever is wrong with it."""
    with path.open("rb") as file:
        directory = read_directories(file, page + 1)[page]
        tags = directory.tags
        profile = profile_of(file, directory) if is_wide(tags) else b""
    if is_wide(tags):
        values, remarks = _levels(read_wide(path, megapixels, page, tags))
        space = "GRAY" if values.shape[2] == 1 else "RGB"
        return Pixels(values, space, None, profile, 1, dpi_of_tags(tags), remarks)
    if _is_mixed_up(tags):
        raise ValueError("its gray, or its half floats, lie in planes, which are not read: save them interleaved")
    extra = as_tuple(tags.get(EXTRA, ()))
    try:
        return _read_with_vips(path, megapixels, page, extra)
    except libvips().Error as error:
        try:
            return _read_with_pillow(path, megapixels, page)
        except TooLargeError:
            raise
        except Exception:  # Pillow knows less of TIFF, and so of what is wrong
            raise ValueError(str(error).splitlines()[-1].removeprefix("  ")) from None


def _is_mixed_up(tags: Mapping[int, Any]) -> bool:
    """Whether a picture lies in separate planes of a kind whose values libvips takes from wrong places."""
    is_half = HALF in as_tuple(tags.get(258)) and FLOATS in as_tuple(tags.get(339))
    is_gray = tags.get(262) in GRAYS
    return tags.get(284) == SEPARATE and tags.get(277, 1) > 1 and (is_gray or is_half)


def _read_with_vips(path: Path, megapixels: float, page: int, extra: tuple[int, ...]) -> Pixels:
    taken = as_taken(path)
    load = libvips().Image.tiffload if isinstance(taken, str) else libvips().Image.tiffload_buffer
    image = load(taken, page=page, fail_on="error", access="sequential")
    pixels = image.width * image.height / 1e6
    if pixels > megapixels:
        raise TooLargeError(pixels, megapixels)
    if image.bands > MOST_CHANNELS:
        raise ValueError(f"it has {image.bands} channels a pixel")
    fields = image.get_fields()
    profile = bytes(image.get("icc-profile-data")) if "icc-profile-data" in fields else b""
    turned = int(image.get("orientation")) if "orientation" in fields else 1
    dpi = (image.xres * MILLIMETERS, image.yres * MILLIMETERS)
    values, space, alpha, remarks = _values(image, extra)
    return Pixels(values, space, alpha, profile, turned, dpi if min(dpi) > NO_DPI else None, remarks)


def _values(image: Any, extra: tuple[int, ...]) -> tuple[np.ndarray, str, np.ndarray | None, tuple[str, ...]]:
    kind = image.interpretation
    if kind in ("lab", "labs", "labq"):
        depth = 8 if kind == "labq" else 16
        lab = to_array(image.extract_band(0, n=3).cast("float") if kind == "labs" else image.colourspace("lab"))
        scale = np.array([100 / 32767, 1 / 256, 1 / 256] if kind == "labs" else [1, 1, 1], np.float32)
        return lab_to_srgb(lab * scale, depth), "RGB", None, ()
    found = to_array(image)
    channels = found.shape[2]
    space = "CMYK" if kind == "cmyk" else "GRAY" if kind in ("b-w", "grey16") or channels < 3 else "RGB"
    count = CHANNELS[space]
    places = [count + place for place, sample in enumerate(extra) if sample in ALPHA and count + place < channels]
    colors = found[..., :count]
    if MULTIPLIED in extra:
        colors = _divided(colors, FULL.get(kind, USUALLY_FULL))
    values, remarks = _levels(colors)
    return values, space, _opacity(found[..., places[0]]) if places else None, remarks


def _divided(colors: np.ndarray, full: float) -> np.ndarray:
    """Colors that libvips has divided by their opacity, which it took to be `full` at most.

    Raises ValueError where that is not the most that their kind of integer holds: opacity was cut off.
    """
    if colors.dtype.kind == "f":  # whose opacity is 1 at most
        return colors if full == 1 else colors / np.float32(full)
    if np.iinfo(colors.dtype).max != full:
        raise ValueError("its colors are multiplied with opacity, and neither of 8 or 16 bits nor floating-point")
    return colors


def _levels(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Levels of 8 or 16 bits for values of any kind: floating-point ones from 0 to 1, others by their range."""
    if values.dtype in (np.uint8, np.uint16):
        return values, ()
    if values.dtype == np.uint32:
        return (values >> 16).astype(np.uint16), ()
    bounds = [(part.min(), part.max()) for part in map(_finite, _strips(values))]
    least, most = float(min(low for low, _ in bounds)), float(max(high for _, high in bounds))
    if values.dtype.kind == "f" and least >= 0 and most <= 1 + ROUNDING:
        return _filled(values, _finite), ()
    width = max(most - least, 1e-300)
    remark = f"its values from {least:g} to {most:g} are stretched from black to white"
    return _filled(values, lambda part: (_finite(part) - least) / width), (remark,)


def _opacity(values: np.ndarray) -> np.ndarray:
    """Levels of opacity, which is full at 1, or at the most that its kind of integer holds."""
    if values.dtype in (np.uint8, np.uint16, np.uint32):
        return _levels(values)[0]
    full = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
    return _filled(values, lambda part: np.nan_to_num(part.astype(np.float64) / full).clip(0, 1))


def _filled(values: np.ndarray, share: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Levels of 16 bits for values, each as large a part of white as `share` says; some rows at a time."""
    levels = np.empty(values.shape, np.uint16)
    for part, of in zip(_strips(levels), _strips(values), strict=True):
        part[:] = (share(of) * 65535).round()
    return levels


def _strips(values: np.ndarray) -> Iterator[np.ndarray]:
    rows = max(1, STRIP // values[0].size)
    return (values[top : top + rows] for top in range(0, len(values), rows))


def _finite(values: np.ndarray) -> np.ndarray:
    """float64; what is no number, or endless, is 0."""
    found: np.ndarray = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return found


def _read_with_pillow(path: Path, megapixels: float, page: int) -> Pixels:
    """What libvips doesn't read: CIELAB of 8 bits, some old compressions."""
    with open_picture(path, megapixels, ("TIFF",)) as picture:
        picture.seek(page)
        if picture.width * picture.height / 1e6 > megapixels:
            raise TooLargeError(picture.width * picture.height / 1e6, megapixels)
        if 8 not in picture.tag_v2.get(258, (1,)) and picture.mode not in ("1", "P"):  # type: ignore[attr-defined]
            raise ValueError("its values would lose depth")
        turned = picture.getexif().get(0x0112, 1)
        profile = picture.info.get("icc_profile") or b""
        picture.load()  # turns it upright
        turned = 1 if picture.getexif().get(0x0112, 1) == 1 else turned
        if picture.mode == "LAB":
            return Pixels(lab_to_srgb(_of_bytes(np.asarray(picture)), 8), "RGB", None, b"", turned)
        if picture.mode == "CMYK":
            return Pixels(np.asarray(picture), "CMYK", None, profile, turned)
        upright = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        values = np.asarray(upright)
        return Pixels(values[..., :3], "RGB", values[..., 3] if upright.mode == "RGBA" else None, profile, turned)


def _of_bytes(lab: np.ndarray) -> np.ndarray:
    """CIELAB of a file's bytes, whose chroma has a sign."""
    chroma = np.ascontiguousarray(lab[..., 1:]).view(np.int8)
    return np.concatenate([lab[..., :1] * np.float32(100 / 255), chroma], axis=-1)
