"""Photo files as archives have them: of every layout, depth, space and transparency, and slightly damaged."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pyvips
import tifffile
from PIL import Image
from skimage.color import rgb2lab

from tests.inference.photographs import PROFILE, exif, photograph
from tests.inference.test_photo_colors import PROFILES

WIDTH, HEIGHT = 40, 30
RGB = photograph(WIDTH, HEIGHT)
GRAY = np.asarray(Image.fromarray(RGB).convert("L"))
DEEP, DEEP_GRAY = RGB.astype(np.uint16) * 257, GRAY.astype(np.uint16) * 257
OPACITY = np.repeat(np.linspace(60, 255, HEIGHT).astype(np.uint8)[:, None], WIDTH, axis=1)
DEEP_OPACITY = OPACITY.astype(np.uint16) * 257
LAB = rgb2lab(RGB)
Made = Callable[[], bytes]


def pillow(values: np.ndarray | Image.Image, format: str, **options: Any) -> Made:
    def make() -> bytes:
        file = io.BytesIO()
        picture = values if isinstance(values, Image.Image) else Image.fromarray(values)
        picture.save(file, format, **options)
        return file.getvalue()

    return make


def tiff(values: np.ndarray, **options: Any) -> Made:
    def make() -> bytes:
        file = io.BytesIO()
        tifffile.imwrite(file, values, **{"photometric": "rgb" if values.ndim == 3 else "minisblack", **options})
        return file.getvalue()

    return make


def vips(values: np.ndarray, ending: str, **options: Any) -> Made:
    return lambda: bytes(pyvips.Image.new_from_array(values).write_to_buffer(ending, **options))


def deep_png(values: np.ndarray) -> Made:
    bands = 1 if values.ndim == 2 else values.shape[2]
    kind = "grey16" if bands < 3 else "rgb16"
    return lambda: bytes(pyvips.Image.new_from_array(values).copy(interpretation=kind).pngsave_buffer())


def multiplied(values: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    most = np.iinfo(values.dtype).max
    colors = (values.astype(float) * opacity[..., None] / most).round().astype(values.dtype)
    return np.dstack([colors, opacity])


def with_bad_chunk(make: Made) -> Made:
    def damaged() -> bytes:
        content = make()
        text = b"tEXtTitle\0old"
        chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text) ^ 1)
        return content[:33] + chunk + content[33:]

    return damaged


def cut(make: Made) -> Made:
    return lambda: make()[:-2]


def bmp_of_16_bits() -> bytes:
    """5, 6 and 5 bits for red, green and blue, as Windows' own programs write them."""
    rows = RGB[::-1].astype(np.uint16)
    values = ((rows[..., 0] >> 3) << 11) | ((rows[..., 1] >> 2) << 5) | (rows[..., 2] >> 3)
    content = values.astype("<u2").tobytes()
    layout = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 16, 3, len(content), 2835, 2835, 0, 0)
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    return b"BM" + struct.pack("<IHHI", 66 + len(content), 0, 0, 66) + layout + masks + content


def pages(*all_pages: tuple[np.ndarray, int]) -> Made:
    def make() -> bytes:
        file = io.BytesIO()
        with tifffile.TiffWriter(file) as writer:
            for values, kind in all_pages:
                writer.write(values, photometric="rgb", subfiletype=kind)
        return file.getvalue()

    return make


def inks(values: np.ndarray) -> np.ndarray:
    """CMYK without black, as deep as `values`."""
    return np.dstack([np.iinfo(values.dtype).max - values, np.zeros_like(values[..., 0])])


def lab(bits: int) -> np.ndarray:
    scale = np.array([255 / 100, 1, 1]) if bits == 8 else np.array([65535 / 100, 256, 256])
    return (LAB * scale).round().astype(np.int32).astype(np.uint8 if bits == 8 else np.uint16)


CUT, CHUNK, DAMAGED = "ends early", "left out", "profile"
RANGE = "stretched"
PALETTE = Image.fromarray(RGB).quantize(128)
CLEAR = Image.fromarray(np.dstack([RGB, OPACITY]))
TRUE = {"quality": 100, "subsampling": 0}

# Name: the file, which of its values are right (RGB, GRAY or None where an ink's are), its opacity, what is told.
FILES: dict[str, tuple[Made, str, np.ndarray | None, str]] = {
    "rgb.jpg": (pillow(RGB, "JPEG", **TRUE), "rgb", None, ""),
    "gray.jpg": (pillow(GRAY, "JPEG", quality=100), "gray", None, ""),
    "progressive.jpg": (pillow(RGB, "JPEG", progressive=True, **TRUE), "rgb", None, ""),
    "cmyk.jpg": (pillow(Image.fromarray(RGB).convert("CMYK"), "JPEG", **TRUE), "rgb", None, ""),
    "exif.jpg": (pillow(RGB, "JPEG", exif=exif().tobytes(), **TRUE), "rgb", None, ""),
    "two.jpg": (
        pillow(Image.fromarray(RGB), "MPO", save_all=True, append_images=[CLEAR.convert("RGB")], **TRUE),
        "rgb",
        None,
        "",
    ),
    "srgb.jpg": (pillow(RGB, "JPEG", icc_profile=PROFILE, **TRUE), "rgb", None, ""),
    "damaged.jpg": (pillow(RGB, "JPEG", icc_profile=PROFILE[:300], **TRUE), "rgb", None, DAMAGED),
    "cut.jpg": (cut(pillow(RGB, "JPEG", **TRUE)), "rgb", None, CUT),
    "gray cut.jpg": (cut(pillow(GRAY, "JPEG", quality=100)), "gray", None, CUT),
    "progressive cut.jpg": (cut(pillow(RGB, "JPEG", progressive=True, **TRUE)), "rgb", None, CUT),
    "a.jfif": (pillow(RGB, "JPEG", **TRUE), "rgb", None, ""),
    "a.jpe": (pillow(RGB, "JPEG", **TRUE), "rgb", None, ""),
    "no ending": (pillow(RGB, "JPEG", **TRUE), "rgb", None, ""),
    "rgb.png": (pillow(RGB, "PNG"), "rgb", None, ""),
    "gray.png": (pillow(GRAY, "PNG"), "gray", None, ""),
    "palette.png": (pillow(PALETTE, "PNG"), "palette", None, ""),
    "alpha.png": (pillow(CLEAR, "PNG"), "rgb", OPACITY, ""),
    "gray alpha.png": (pillow(np.dstack([GRAY, OPACITY]), "PNG"), "gray", OPACITY, ""),
    "interlaced.png": (vips(RGB, ".png", interlace=True), "rgb", None, ""),
    "deep.png": (deep_png(DEEP), "rgb", None, ""),
    "deep gray.png": (deep_png(DEEP_GRAY), "gray", None, ""),
    "deep alpha.png": (deep_png(np.dstack([DEEP, DEEP_OPACITY])), "rgb", DEEP_OPACITY, ""),
    "deep gray alpha.png": (deep_png(np.dstack([DEEP_GRAY, DEEP_OPACITY])), "gray", DEEP_OPACITY, ""),
    "chunk.png": (with_bad_chunk(pillow(RGB, "PNG")), "rgb", None, CHUNK),
    "deep chunk.png": (with_bad_chunk(deep_png(DEEP)), "rgb", None, CHUNK),
    "damaged.png": (pillow(RGB, "PNG", icc_profile=PROFILE[:300]), "rgb", None, DAMAGED),
    "mismatched.png": (pillow(RGB, "PNG", icc_profile=PROFILES["dot gain"]), "rgb", None, DAMAGED),
    "srgb gray.png": (pillow(GRAY, "PNG", icc_profile=PROFILE), "gray", None, ""),
    "a.webp": (pillow(RGB, "WEBP", lossless=True), "rgb", None, ""),
    "alpha.webp": (pillow(CLEAR, "WEBP", lossless=True, exact=True), "rgb", OPACITY, ""),
    "exif.webp": (pillow(RGB, "WEBP", lossless=True, exif=exif().tobytes()), "rgb", None, ""),
    "rgb.bmp": (pillow(RGB, "BMP"), "rgb", None, ""),
    "gray.bmp": (pillow(GRAY, "BMP"), "gray", None, ""),
    "16 bits.bmp": (bmp_of_16_bits, "565", None, ""),
    "palette.gif": (pillow(PALETTE, "GIF"), "palette", None, ""),
    "gray.gif": (pillow(GRAY, "GIF"), "gray", None, ""),
    "a.avif": (pillow(RGB, "AVIF", quality=100, subsampling="4:4:4"), "rgb", None, ""),
    "alpha.avif": (pillow(CLEAR, "AVIF", quality=100, subsampling="4:4:4"), "rgb", OPACITY, ""),
    "rgb.tif": (tiff(RGB), "rgb", None, ""),
    "gray.tif": (tiff(GRAY), "gray", None, ""),
    "deep.tif": (tiff(DEEP), "rgb", None, ""),
    "deep gray.tif": (tiff(DEEP_GRAY), "gray", None, ""),
    "white is zero.tif": (tiff(255 - GRAY, photometric="miniswhite"), "gray", None, ""),
    "deep white is zero.tif": (tiff(65535 - DEEP_GRAY, photometric="miniswhite"), "gray", None, ""),
    "palette.tif": (pillow(PALETTE, "TIFF"), "palette", None, ""),
    "bilevel.tif": (pillow(Image.fromarray(GRAY > 99), "TIFF", compression="group4"), "bilevel", None, ""),
    "lzw.tif": (pillow(RGB, "TIFF", compression="tiff_lzw"), "rgb", None, ""),
    "packbits.tif": (pillow(RGB, "TIFF", compression="packbits"), "rgb", None, ""),
    "jpeg.tif": (pillow(RGB, "TIFF", compression="jpeg", quality=100), "rgb", None, ""),
    "tiled.tif": (tiff(DEEP, tile=(16, 16)), "rgb", None, ""),
    "motorola.tif": (tiff(DEEP, byteorder=">"), "rgb", None, ""),
    "big.tif": (tiff(DEEP, bigtiff=True), "rgb", None, ""),
    "big motorola.tif": (tiff(DEEP, bigtiff=True, byteorder=">"), "rgb", None, ""),
    "planes.tif": (tiff(np.moveaxis(RGB, -1, 0), planarconfig="separate"), "rgb", None, ""),
    "deep planes.tif": (tiff(np.moveaxis(DEEP, -1, 0), planarconfig="separate"), "rgb", None, ""),
    "alpha.tif": (tiff(np.dstack([RGB, OPACITY]), extrasamples=["unassalpha"]), "rgb", OPACITY, ""),
    "deep alpha.tif": (tiff(np.dstack([DEEP, DEEP_OPACITY]), extrasamples=["unassalpha"]), "rgb", DEEP_OPACITY, ""),
    "multiplied.tif": (tiff(multiplied(RGB, OPACITY), extrasamples=["assocalpha"]), "rgb", OPACITY, ""),
    "deep multiplied.tif": (tiff(multiplied(DEEP, DEEP_OPACITY), extrasamples=["assocalpha"]), "rgb", DEEP_OPACITY, ""),
    "deep gray alpha.tif": (
        tiff(
            np.dstack([DEEP_GRAY, DEEP_OPACITY]),
            photometric="minisblack",
            planarconfig="contig",
            extrasamples=["unassalpha"],
        ),
        "gray",
        DEEP_OPACITY,
        "",
    ),
    "extra.tif": (tiff(np.dstack([DEEP, DEEP]), extrasamples=["unspecified"] * 3), "rgb", None, ""),
    "extra and alpha.tif": (
        tiff(np.dstack([DEEP, DEEP_GRAY, DEEP_OPACITY]), extrasamples=["unspecified", "unassalpha"]),
        "rgb",
        DEEP_OPACITY,
        "",
    ),
    "float.tif": (tiff((RGB / 255).astype(np.float32)), "rgb", None, ""),
    "float gray.tif": (tiff((GRAY / 255).astype(np.float32)), "gray", None, ""),
    "double.tif": (tiff(RGB / 255), "rgb", None, ""),
    "double gray.tif": (tiff(GRAY / 255, compression="zlib", bigtiff=True), "gray", None, ""),
    "double motorola.tif": (tiff(RGB / 255, bigtiff=True, byteorder=">", tile=(16, 16)), "rgb", None, ""),
    "double range.tif": (tiff(DEEP_GRAY - 20_000.0), "stretched", None, RANGE),
    "double second.tif": (pages((RGB[::4, ::4] / 255, 1), (RGB / 255, 0)), "rgb", None, ""),
    "half.tif": (tiff((RGB / 255).astype(np.float16)), "rgb", None, ""),
    "range.tif": (tiff((DEEP_GRAY - 20_000.0).astype(np.float32)), "stretched", None, RANGE),
    "long.tif": (tiff(DEEP_GRAY.astype(np.uint32) * 65537), "gray", None, ""),
    "lab.tif": (tiff(lab(8), photometric="cielab"), "rgb", None, ""),
    "deep lab.tif": (tiff(lab(16), photometric="cielab"), "rgb", None, ""),
    "cmyk.tif": (tiff(inks(RGB), photometric="separated"), "rgb", None, ""),
    "deep cmyk.tif": (tiff(inks(DEEP), photometric="separated"), "rgb", None, ""),
    "cmyk alpha.tif": (
        tiff(np.dstack([inks(RGB), OPACITY]), photometric="separated", extrasamples=["unassalpha"]),
        "rgb",
        OPACITY,
        "",
    ),
    "cmyk damaged.tif": (tiff(inks(RGB), photometric="separated", iccprofile=PROFILE[:300]), "rgb", None, DAMAGED),
    "damaged.tif": (tiff(DEEP, iccprofile=PROFILE[:300]), "rgb", None, DAMAGED),
    "thumbnail first.tif": (pages((RGB[::4, ::4], 1), (RGB, 0)), "rgb", None, ""),
    "two pages.tif": (pages((RGB, 2), (RGB[::-1], 2)), "rgb", None, ""),
}

WHOLE = {
    "rgb": RGB,
    "gray": np.repeat(GRAY[..., None], 3, axis=2),
    "palette": np.asarray(PALETTE.convert("RGB")),
    "565": (RGB // [8, 4, 8] * 255.0 / [31, 63, 31]).round(),
    "bilevel": np.repeat((GRAY > 99)[..., None], 3, axis=2) * 255,
    "stretched": np.repeat(((GRAY - GRAY.min()) / np.ptp(GRAY.astype(float)) * 255)[..., None], 3, axis=2),
}
