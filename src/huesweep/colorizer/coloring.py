"""Coloring photos of any size in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
import numpy as np
import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from huesweep.color.gamut import lab_to_rgb_keeping_lightness
from huesweep.color.spaces import lightness_to_gray, rgb_to_lab
from huesweep.colorizer.guided import GuidedColors, follow_lightness
from huesweep.errors import UsageError
from huesweep.ranges import Fraction, NonNegative, Whole
from huesweep.registry import CHECKS

if TYPE_CHECKING:
    from huesweep.colorizer.colorizer import Colorizer

STRIP = 2**19  # pixels of the full-size photo worked on at once
SEEN = 2**19  # and of the pictures that the network computes on together
COHERENCE = 0.25  # share of a photo's longer side over which a drawn coloring hangs together
Manner = Literal["accurate", "vivid"]  # as the network predicts, or with its colors strengthened
PATCHES = 4  # sides of training pictures in a working copy's, as far as it stays below:
WHOLE = 256  # pixels
Detail = Annotated[float, Field(ge=0.1, le=8, allow_inf_nan=False)]
MOST_COHERENCE = 48.0  # in pixels of the network's copy: the noise takes memory with its square


@dataclass(frozen=True, config=CHECKS)
class ColorizeOptions:
    """How photos are colored.

    detail: the network works on a copy of the photo whose longer side is so many times the usual one; see
    working_size. luminance: `keep` the photo's own brightness and detail, or show the network's, `predicted`,
    enlarged. temperature: of a palette's annealed decoding, None for the checkpoint's. saturation: factor
    of chroma. samples: 0 for the one coloring that the checkpoint decodes, otherwise so many drawn with `seed`.
    palette: each pixel takes one color of the palette. manner: `accurate`, as the checkpoint decodes, or `vivid`, with
    chroma strengthened as much as its trial found that pictures bear; None for the checkpoint's own.
    """

    detail: Detail = 1.0
    luminance: Literal["keep", "predicted"] = "keep"
    temperature: Fraction | None = None
    saturation: NonNegative = 1.0
    samples: Annotated[int, Field(ge=0, le=64)] = 0
    seed: Whole = 0
    palette: bool = False
    manner: Manner | None = None

    def check(self, colorizer: "Colorizer") -> None:
        """Raise UsageError for what this checkpoint can't do."""
        wanted = {"temperature": self.temperature is not None, "samples": self.samples, "palette": self.palette}
        for name, is_wanted in wanted.items():
            if is_wanted and not colorizer.target.decodings:
                raise UsageError(
                    f"{name}= needs a checkpoint with a palette; this one regresses {colorizer.target.name}"
                )
        if self.luminance == "predicted" and not colorizer.target.has_lightness:
            raise UsageError("luminance=predicted: this checkpoint predicts no brightness")
        if colorizer.task.enlarges > 1:
            raise UsageError("this checkpoint enlarges pictures; the options of coloring don't fit")
        colorizer.strength(self.manner)


def working_size(colorizer: "Colorizer", photo: np.ndarray, options: ColorizeOptions) -> tuple[int, int]:
    """Height and width of the copy of a photo that the network works on.

    Its longer side is, for detail 1, four times that of the training pictures, but not above 256 pixels unless those
    were larger (`make bench BENCH=photographs` compares sizes). A smaller photo is enlarged to it for networks that
    enlarge small pictures anyway.
    """
    height, width = photo.shape[:2]
    fixed = colorizer.side
    if fixed is not None:
        return fixed, fixed
    trained = colorizer.trained_side
    usual = max(trained, min(PATCHES * trained, WHOLE))
    most = max(height, width, usual if colorizer.enlarges_small else 0)
    factor = min(options.detail * usual, most) / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


def shrink(pixels: np.ndarray, size: tuple[int, int]) -> Tensor:
    """A photo's small copy, (1, 3, h, w) float in [0, 1]: each pixel the mean of those it covers, or bicubic."""
    small = pixels
    if size != pixels.shape[:2]:
        method = cv2.INTER_AREA if size[0] <= pixels.shape[0] else cv2.INTER_CUBIC
        small = cv2.resize(np.ascontiguousarray(pixels), size[::-1], interpolation=method)
    return _to_float(small)


@torch.inference_mode()
def colorize(
    colorizer: "Colorizer", photos: Sequence[np.ndarray], options: ColorizeOptions, device: torch.device
) -> Iterator[Iterable[np.ndarray]]:
    """Color photos whose working sizes are alike, together.

    photos: (H, W, 3), uint8 or uint16, turned gray first. Gives each photo's colorings, alike: one, or options.samples,
    each computed when it is asked for; take them before the next photo's.
    """
    size = working_size(colorizer, photos[0], options)
    small = torch.cat([shrink(photo, size) for photo in photos]).to(device)
    inputs = colorizer.task.input(small)
    lightness = colorizer.task.lightness(inputs)
    outputs = _outputs(colorizer, inputs.contiguous(memory_format=torch.channels_last))
    kept = lightness if options.luminance == "keep" else None
    predicted = _decode(colorizer, outputs, kept, options)
    saturation = options.saturation * colorizer.strength(options.manner)
    for position, photo in enumerate(photos):
        colorings = predicted[:, position : position + 1]
        if kept is None:
            yield (_enlarge(coloring, photo, saturation, options.palette) for coloring in colorings)
            continue
        of_input = lightness[position, 0].cpu()
        guided = [follow_lightness(saturation * rgb_to_lab(coloring)[0, 1:].cpu(), of_input) for coloring in colorings]
        yield (_full_size(colorizer, photo, colors, is_flat=options.palette) for colors in guided)


def _outputs(colorizer: "Colorizer", inputs: Tensor) -> Tensor:
    parts = inputs.split(max(1, SEEN // colorizer.pixels_seen(*inputs.shape[-2:])))
    return torch.cat([colorizer(part) for part in parts]).float()


def _decode(colorizer: "Colorizer", outputs: Tensor, lightness: Tensor | None, options: ColorizeOptions) -> Tensor:
    """Small pictures, (samples, N, 3, h, w) float in [0, 1]."""
    target = colorizer.target
    decoding = "argmax" if options.palette else None
    temperature = None if options.palette else options.temperature
    if not options.samples:
        return target.decode(outputs, lightness, decoding, temperature)[None]
    # One by one, so that a photo's are the same in every company.
    lights = [None] * len(outputs) if lightness is None else lightness.split(1)
    reach = min(max(outputs.shape[-2:]) * COHERENCE, MOST_COHERENCE)
    drawn = [
        target.sample(part, light, options.samples, options.seed, reach, decoding, temperature)
        for part, light in zip(outputs.split(1), lights, strict=True)
    ]
    return torch.cat(drawn, dim=1)


def _enlarge(picture: Tensor, photo: np.ndarray, saturation: float, is_flat: bool) -> np.ndarray:
    lab = rgb_to_lab(picture.cpu())
    lab[:, 1:] *= saturation
    small = np.ascontiguousarray(_to_levels(lab_to_rgb_keeping_lightness(lab)[0], photo.dtype))
    method = cv2.INTER_NEAREST if is_flat else cv2.INTER_CUBIC
    return cv2.resize(small, photo.shape[1::-1], interpolation=method)


def _full_size(colorizer: "Colorizer", photo: np.ndarray, colors: GuidedColors, is_flat: bool) -> np.ndarray:
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


def grayscale(colorizer: "Colorizer", photo: np.ndarray) -> np.ndarray:
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
