"""Views of an input whose outputs are averaged: test-time augmentation (Krizhevsky, Sutskever & Hinton 2012)."""

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from pydantic import Field, with_config
from torch import Tensor, nn
from typing_extensions import TypedDict

from huesweep.models.blocks import resize
from huesweep.registry import CHECKS

LARGEST_SMALLEST = 512  # pixels to which small inputs may be enlarged
LONGEST = 4  # times that, beyond which the longer side of thin inputs is not enlarged


@with_config(CHECKS)
class View(TypedDict):
    """An input at a part or a multiple of its side, maybe mirrored left to right."""

    scale: Annotated[float, Field(ge=0.5, le=2)]
    mirrored: bool


Views = Annotated[Sequence[View], Field(max_length=8)]
Smallest = Annotated[int, Field(ge=1, le=LARGEST_SMALLEST)]


@with_config(CHECKS)
class Inputs(TypedDict, total=False):
    """Options of a network that say how inputs reach it."""

    smallest: Smallest
    views: Views


def in_views(
    network: Callable[[Tensor], Tensor], x: Tensor, smallest: int, views: Sequence[View], multiple: int
) -> Tensor:
    """The mean of what a network gives for each view of inputs, (N, C, H, W), or for the inputs alone: (N, K, H, W).

    network: from inputs of any size to outputs of that size. smallest: inputs with a shorter side are enlarged to it
    before they are scaled. multiple: of pixels, to which views are padded: strided layers round other sizes in a way
    that depends on the side from which they come.
    """
    if not views:
        return resize(network(enlarged(x, smallest)), x.shape[-2:], "area")
    return torch.stack([_outputs(network, x, smallest, view, multiple) for view in views]).mean(0)


def _outputs(network: Callable[[Tensor], Tensor], x: Tensor, smallest: int, view: View, multiple: int) -> Tensor:
    seen = enlarged(x, smallest, view["scale"])
    height, width = seen.shape[-2:]
    whole, top, left = _padded_evenly(seen.flip(-1) if view["mirrored"] else seen, multiple)
    outputs = network(whole)[..., top : top + height, left : left + width]
    return _resized(outputs.flip(-1) if view["mirrored"] else outputs, x.shape[-2:])


def _padded_evenly(x: Tensor, multiple: int) -> tuple[Tensor, int, int]:
    """Inputs continued on all sides by what they mirror, or where they are too small for that repeat, up to sides of a
    multiple of so many pixels; and where they lie therein.
    """
    height, width = x.shape[-2:]
    tall, wide = -height % multiple, -width % multiple
    if not (tall or wide):
        return x, 0, 0
    beyond = (wide // 2, wide - wide // 2, tall // 2, tall - tall // 2)
    mode = "reflect" if 2 * tall < height and 2 * wide < width else "replicate"
    return nn.functional.pad(x, beyond, mode=mode), tall // 2, wide // 2


def enlarged(x: Tensor, smallest: int, scale: float = 1.0) -> Tensor:
    """Inputs, (N, C, H, W), with a shorter side below `smallest` enlarged to it, then scaled, in one step.

    Thin ones are enlarged less: until their longer side is LONGEST times `smallest`.
    """
    height, width = x.shape[-2:]
    return _resized(x, _size_seen(height, width, smallest, scale), "bicubic")


def pixels_seen(height: int, width: int, smallest: int, views: Sequence[View], multiple: int) -> int:
    """Of the largest input that a network computes on for one of this size. The others: see in_views."""
    scales = [view["scale"] for view in views] or [1.0]
    tall, wide = _size_seen(height, width, smallest, max(scales))
    if views:
        tall, wide = tall + -tall % multiple, wide + -wide % multiple
    return tall * wide


def _size_seen(height: int, width: int, smallest: int, scale: float) -> tuple[int, int]:
    factor = scale * max(1.0, min(smallest / min(height, width), LONGEST * smallest / max(height, width)))
    return max(1, round(height * factor)), max(1, round(width * factor))


def _resized(x: Tensor, size: Sequence[int], mode: str = "bilinear") -> Tensor:
    """(N, C, H, W) at another size; where it shrinks, each pixel is a mean of those it covers."""
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    shrinks = size[-1] < x.shape[-1] or size[-2] < x.shape[-2]
    return nn.functional.interpolate(x, tuple(size), mode=mode, align_corners=False, antialias=shrinks)
