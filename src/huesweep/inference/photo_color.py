"""Colors of photos: from what their profile says of the values to sRGB, by LittleCMS."""

import io
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageCms

from huesweep.color.spaces import delinearize
from huesweep.inference.vips import from_array, libvips, to_array

CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}
MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}  # as Pillow calls them
USUAL_GAMMA = 1 / 2.2  # sRGB's, as programs write it into PNG files
NEAR = 1  # of 255 levels: a profile that moves none by more is sRGB's own


class Colors(NamedTuple):
    """values: (H, W, 3) uint8 or uint16. profile: that describes them, or nothing. remark: what of it went wrong."""

    values: np.ndarray
    profile: bytes = b""
    remark: str = ""


@cache
def srgb_profile() -> bytes:
    return bytes(libvips().Image.profile_load("srgb"))


def to_srgb(values: np.ndarray, space: str, profile: bytes) -> Colors:
    """Values as they are shown: (H, W, C) uint8 or uint16 in `space`, GRAY, RGB or CMYK, which `profile` describes.

    Values that a profile leaves as they are keep it. One that is damaged, or of another space, is left aside and told.
    """
    if not profile:
        return Colors(_by_rule(values, space))
    found = profile[16:20].decode("latin-1").strip()
    if not _is_whole(profile, found):
        return Colors(_by_rule(values, space), remark="its color profile is damaged and left aside")
    if space == "GRAY" and found == "RGB":
        values, space = np.repeat(values, 3, axis=2), "RGB"
    if found != space:
        told = f"its color profile is for {found}, its values are {space}: left aside"
        return Colors(_by_rule(values, space), remark=told)
    pyvips = libvips()
    try:
        if space != "CMYK" and _is_srgb(profile, space):
            return Colors(_by_rule(values, space), profile if space == "RGB" else srgb_profile())
        return Colors(_convert(values, space, profile), srgb_profile())
    except pyvips.Error:
        return Colors(_by_rule(values, space), remark="its color profile is damaged and left aside")


def _is_whole(profile: bytes, space: str) -> bool:
    """Whether LittleCMS can use a profile; libvips takes another where it can't, and tells nobody."""
    if len(profile) < int.from_bytes(profile[:4], "big"):
        return False
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if space in MODES:
            ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), MODES[space], "RGB")
    except Exception:  # whatever a damaged one makes LittleCMS raise
        return False
    return True


@lru_cache(16)
def _is_srgb(profile: bytes, space: str) -> bool:
    steps = np.linspace(0, 255, 256 if space == "GRAY" else 9).round().astype(np.uint8)
    levels = (
        steps[:, None, None] if space == "GRAY" else np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 1, 3)
    )
    shown = _convert(levels, space, profile).astype(int)
    return bool(np.abs(shown - levels).max() <= NEAR)


def _convert(values: np.ndarray, space: str, profile: bytes) -> np.ndarray:
    depth = 16 if values.dtype == np.uint16 else 8
    intent = "perceptual" if space == "CMYK" else "relative"
    image = from_array(values, space, profile)
    shown = image.icc_transform("srgb", embedded=True, intent=intent, black_point_compensation=True, depth=depth)
    return to_array(shown)


def of_gamma(values: np.ndarray, gamma: float) -> np.ndarray:
    """sRGB levels of values, uint8 or uint16, that are light raised to a power, as a PNG file's chunk gAMA tells.

    Those of sRGB's usual power, and of none that makes sense, stay as they are.
    """
    most = np.iinfo(values.dtype).max
    if not 0.2 <= gamma <= 2 or abs(gamma - USUAL_GAMMA) < 0.01:
        return values
    light = np.linspace(0, 1, most + 1) ** (1 / gamma)
    levels = delinearize(torch.from_numpy(light)).numpy() * most
    return np.take(levels.round().astype(values.dtype), values)


def _by_rule(values: np.ndarray, space: str) -> np.ndarray:
    """sRGB of values that no profile describes."""
    if space == "GRAY":
        return np.repeat(values, 3, axis=2)
    if space == "RGB":
        return values
    if values.dtype == np.uint8:
        size = values.shape[1], values.shape[0]
        return np.asarray(Image.frombytes("CMYK", size, np.ascontiguousarray(values).tobytes()).convert("RGB"))
    ink = values.astype(np.float32) / 65535
    return ((1 - ink[..., :3]) * (1 - ink[..., 3:]) * 65535).round().astype(np.uint16)


def lab_to_srgb(lab: np.ndarray, depth: int) -> np.ndarray:
    """CIELAB as in a file, L from 0 to 100 and white as of a print (D50), (H, W, 3) float32, to sRGB levels."""
    pyvips = libvips()
    height, width = lab.shape[:2]
    content = np.ascontiguousarray(lab, np.float32)
    image = pyvips.Image.new_from_memory(content.data, width, height, 3, "float").copy(interpretation="lab")
    return to_array(image.icc_export(output_profile="srgb", intent="relative", depth=depth))
