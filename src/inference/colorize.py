"""Coloring a photo of any size."""

from collections.abc import Sequence

import torch
from torch import Tensor

from src.color.spaces import lab_to_rgb, rgb_to_lab, to_bytes, to_float
from src.inference.checkpoint import Colorizer


@torch.inference_mode()
def colorize(colorizer: Colorizer, photo: Tensor, max_side: int, keep_luminance: bool) -> Tensor:
    """Color a photo. photo: uint8 (3, H, W), turned gray first. Gives uint8 (3, H, W).

    max_side: the network works on a copy whose longer side is at most this, near the scale it was trained at (one that
    serves a single size, on a copy of that size); its colors are then brought up to the photo's size. keep_luminance:
    brightness and detail are the photo's own; otherwise the network's, at its scale: a large photo comes out blurred.
    """
    rgb = to_float(photo[None])
    size = rgb.shape[-2:]
    factor = min(1.0, max_side / max(size))
    side = colorizer.network.side
    small_size = tuple(max(1, round(length * factor)) for length in size) if side is None else (side, side)
    small = rgb
    if small_size != tuple(size):
        small = torch.nn.functional.interpolate(rgb, small_size, mode="bilinear", antialias=True, align_corners=False)
    inputs = colorizer.task.input(small)
    outputs = colorizer.network(inputs)
    if not keep_luminance:
        return to_bytes(_resize(colorizer.target.decode(outputs, None), size))[0]
    predicted = colorizer.target.decode(outputs, colorizer.task.brightness(inputs))
    chroma = _resize(rgb_to_lab(predicted)[:, 1:], size)
    full = colorizer.task.brightness(colorizer.task.input(rgb))
    return to_bytes(lab_to_rgb(torch.cat([full, chroma], dim=1)))[0]


def _resize(pixels: Tensor, size: Sequence[int]) -> Tensor:
    if tuple(pixels.shape[-2:]) == tuple(size):
        return pixels
    return torch.nn.functional.interpolate(pixels, tuple(size), mode="bicubic", align_corners=False)
