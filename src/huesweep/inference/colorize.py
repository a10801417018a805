"""Coloring photos of any size in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from huesweep.color.gamut import lab_to_rgb_keeping_lightness
from huesweep.color.spaces import lightness_to_gray, rgb_to_lab
from huesweep.color.targets.palette import PaletteTarget
from huesweep.colorizer.checkpoint import Colorizer
from huesweep.errors import UsageError
from huesweep.inference.guided import GuidedColors, follow_lightness
from huesweep.inference.options import check_number, check_switches, check_whole

STRIP = 2**19  # pixels of the full-size photo worked on at once
COHERENCE = 0.25  # share of a photo's longer side over which a drawn coloring hangs together
MOST_COHERENCE = 48.0  # in pixels of the network's copy: the noise takes memory with its square
USUAL_SIDE = 32  # of the pictures of a checkpoint that doesn't tell


@dataclass(frozen=True)
class Manner:
    """How photos are colored.

    scale: the network works on a copy whose longer side is so many times that of its training pictures, and at most
    max_side. luminance: `keep` the photo's own brightness and detail, or show the network's, `predicted`, enlarged.
    temperature: of a palette's annealed decoding, None for the checkpoint's. saturation: factor of chroma. samples: 0
    for the one coloring that the checkpoint decodes, otherwise so many drawn with `seed`. palette: each pixel takes one
    color of the palette.
    """

    scale: float = 4.0
    max_side: int = 512
    luminance: str = "keep"
    temperature: float | None = None
    saturation: float = 1.0
    samples: int = 0
    seed: int = 0
    palette: bool = False

    def check(self, colorizer: Colorizer) -> None:
        """Raise UsageError for values outside their range and for what this checkpoint can't do."""
        if self.luminance not in ("keep", "predicted"):
            raise UsageError(f"luminance {self.luminance} does not exist; choices: keep, predicted")
        given = vars(self)
        check_number(given, "scale")
        check_whole(given, "max_side", 1)
        check_number(given, "saturation", may_be_zero=True)
        check_whole(given, "samples", 0, 64)
        check_whole(given, "seed", 0)
        check_switches(given, "palette")
        if self.temperature is not None:
            check_number(given, "temperature", 1)
        wanted = {"temperature": self.temperature is not None, "samples": self.samples, "palette": self.palette}
        for name, is_wanted in wanted.items():
            if is_wanted and not isinstance(colorizer.target, PaletteTarget):
                raise UsageError(
                    f"{name}= needs a checkpoint with a palette; this one regresses {colorizer.target.name}"
                )
        if self.luminance == "predicted" and not colorizer.target.has_lightness:
            raise UsageError("luminance=predicted: this checkpoint predicts no brightness")
        if colorizer.task.channels != 1:
            raise UsageError("this checkpoint enlarges pictures; the options of coloring don't fit")


def working_size(colorizer: Colorizer, photo: np.ndarray, manner: Manner) -> tuple[int, int]:
    """Height and width of the copy of a photo that the network works on."""
    height, width = photo.shape[:2]
    fixed = colorizer.network.side
    if fixed is not None:
        return fixed, fixed
    trained = colorizer.description.get("side") or USUAL_SIDE
    longest = max(1, min(round(trained * manner.scale), int(manner.max_side)))
    factor = min(1.0, longest / max(height, width))
    return max(1, round(height * factor)), max(1, round(width * factor))


def shrink(pixels: np.ndarray, size: tuple[int, int]) -> Tensor:
    """A photo's small copy, (1, 3, h, w) float in [0, 1]: each pixel the mean of those it covers."""
    small = pixels
    if size != pixels.shape[:2]:
        small = cv2.resize(np.ascontiguousarray(pixels), size[::-1], interpolation=cv2.INTER_AREA)
    return _to_float(small)


@torch.inference_mode()
def colorize(
    colorizer: Colorizer, photos: Sequence[np.ndarray], manner: Manner, device: torch.device
) -> Iterator[Iterable[np.ndarray]]:
    """Color photos whose working sizes are alike, together.

    photos: (H, W, 3), uint8 or uint16, turned gray first. Gives each photo's colorings, alike: one, or manner.samples,
    each computed when it is asked for; take them before the next photo's.
    """
    size = working_size(colorizer, photos[0], manner)
    small = torch.cat([shrink(photo, size) for photo in photos]).to(device)
    inputs = colorizer.task.input(small)
    lightness = colorizer.task.lightness(inputs)
    outputs = colorizer.network(inputs.contiguous(memory_format=torch.channels_last)).float()
    kept = lightness if manner.luminance == "keep" else None
    predicted = _decode(colorizer, outputs, kept, manner)
    for position, photo in enumerate(photos):
        colorings = predicted[:, position : position + 1]
        if kept is None:
            yield (_enlarge(coloring, photo, manner) for coloring in colorings)
            continue
        of_input = lightness[position, 0].cpu()
        guided = [follow_lightness(_chroma(coloring, manner), of_input) for coloring in colorings]
        yield (_full_size(colorizer, photo, colors, is_flat=manner.palette) for colors in guided)


def _decode(colorizer: Colorizer, outputs: Tensor, lightness: Tensor | None, manner: Manner) -> Tensor:
    """Small pictures, (samples, N, 3, h, w) float in [0, 1]."""
    target = colorizer.target
    if not isinstance(target, PaletteTarget):
        return target.decode(outputs, lightness)[None]
    usual = target.decoding, target.temperature
    try:
        if manner.palette:
            target.decoding = "argmax"
        elif manner.temperature is not None:
            target.decoding, target.temperature = "annealed", manner.temperature
        if manner.samples:  # one by one, so that a photo's are the same in every company
            lights = [None] * len(outputs) if lightness is None else lightness.split(1)
            pairs = zip(outputs.split(1), lights, strict=True)
            reach = min(max(outputs.shape[-2:]) * COHERENCE, MOST_COHERENCE)
            return torch.cat([target.sample(*pair, manner.samples, manner.seed, reach) for pair in pairs], dim=1)
        return target.decode(outputs, lightness)[None]
    finally:
        target.decoding, target.temperature = usual


def _chroma(picture: Tensor, manner: Manner) -> Tensor:
    return rgb_to_lab(picture)[0, 1:].cpu() * manner.saturation


def _enlarge(picture: Tensor, photo: np.ndarray, manner: Manner) -> np.ndarray:
    lab = rgb_to_lab(picture.cpu())
    lab[:, 1:] *= manner.saturation
    small = np.ascontiguousarray(_to_levels(lab_to_rgb_keeping_lightness(lab)[0], photo.dtype))
    method = cv2.INTER_NEAREST if manner.palette else cv2.INTER_CUBIC
    return cv2.resize(small, photo.shape[1::-1], interpolation=method)


def _full_size(colorizer: Colorizer, photo: np.ndarray, colors: GuidedColors, is_flat: bool) -> np.ndarray:
    """A photo with a small picture's colors. is_flat: they are enlarged as they are, without mixing any."""
    height, width = photo.shape[:2]
    result = np.empty_like(photo, order="C")
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        strip = colorizer.task.input(_to_float(photo[top : top + rows]))
        lightness = colorizer.task.lightness(strip)
        chroma = (colors.flat_rows if is_flat else colors.rows)(top, lightness[0, 0], height)
        lab = torch.cat([lightness, chroma[None]], dim=1)
        result[top : top + rows] = _to_levels(lab_to_rgb_keeping_lightness(lab)[0], photo.dtype)
    return result


def grayscale(colorizer: Colorizer, photo: np.ndarray) -> np.ndarray:
    """What the network is told of a photo, as a picture like it."""
    result = np.empty_like(photo, order="C")
    rows = max(1, STRIP // photo.shape[1])
    for top in range(0, len(photo), rows):
        lightness = colorizer.task.lightness(colorizer.task.input(_to_float(photo[top : top + rows])))
        result[top : top + rows] = _to_levels(lightness_to_gray(lightness)[0], photo.dtype)
    return result


def _to_float(levels: np.ndarray) -> Tensor:
    scaled = levels.astype(np.float32) / np.float32(np.iinfo(levels.dtype).max)
    return torch.from_numpy(scaled).movedim(-1, 0)[None].contiguous()


def _to_levels(rgb: Tensor, kind: np.dtype) -> np.ndarray:
    """(3 or 1, H, W) float in [0, 1] to (H, W, 3 or 1) levels."""
    return (rgb * np.iinfo(kind).max).round().movedim(0, -1).numpy().astype(kind)
