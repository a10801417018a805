"""Changes to training pictures that leave their colors true, for whole batches on the device."""

import math
from typing import NamedTuple

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.ranges import Count, Fraction, Share, Whole
from huesweep.registry import CHECKS

ASPECT = 4 / 3  # of crops, at most, either way
COARSER = (2, 3, 4)  # how many times as small coarsened pictures are in between


class Draws(NamedTuple):
    """What chance decides of n pictures, on the CPU; None where an option is off.

    mirrored: (n,) bool. moves: (2, n) pixels of padding cut away at the top and on the left. factor: (n, 1, 1, 1) of
    all levels. boxes: (4, n), width, height, left and top of crops as shares of the side. coarser: (n,), of COARSER or
    1.
    """

    mirrored: Tensor | None
    moves: Tensor | None
    factor: Tensor | None
    boxes: Tensor | None
    coarser: Tensor | None

    def of(self, indices: Tensor) -> "Draws":
        """Those of some of the pictures."""
        return Draws(
            mirrored=None if self.mirrored is None else self.mirrored[indices],
            moves=None if self.moves is None else self.moves[:, indices],
            factor=None if self.factor is None else self.factor[indices],
            boxes=None if self.boxes is None else self.boxes[:, indices],
            coarser=None if self.coarser is None else self.coarser[indices],
        )


@dataclass(frozen=True, config=CHECKS)
class Augmentation:
    """flip: mirror left to right with probability one half. shift: move by up to so many pixels each way, mirroring in
    at the edges. exposure: multiply all levels by up to 1 ± so much, the same for all channels, so that hues stay.
    crop: cut out a part at random, at least this share of the area, of an aspect up to 4:3 either way (Szegedy et al.
    2015). side: to which crops are brought; None is the pictures' own. coarsen: share of the pictures that lose detail,
    as if they had been enlarged from half to a quarter of their size.
    """

    flip: bool = False
    shift: Whole = 0
    exposure: Share = 0.0
    crop: Fraction = 1.0
    side: Count | None = None
    coarsen: Share = 0.0

    def __call__(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """batch: uint8 (n, 3, H, W). generator: on the CPU, decides. Gives uint8 (n, 3, side, side), or H x W.

        Raises UsageError for a shift that is not smaller than the pictures.
        """
        return self.apply(batch, self.draw(len(batch), generator))

    def draw(self, count: int, generator: torch.Generator) -> Draws:
        """What chance decides of so many pictures."""
        mirrored = torch.rand(count, generator=generator) < 0.5 if self.flip else None
        moves = torch.randint(0, 2 * self.shift + 1, (2, count), generator=generator) if self.shift else None
        factor = None
        if self.exposure:
            factor = 1 + self.exposure * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
        boxes = self._boxes(count, generator) if self.crop < 1 else None
        coarser = None
        if self.coarsen:
            sizes = torch.tensor(COARSER)[torch.randint(0, len(COARSER), (count,), generator=generator)]
            coarser = torch.where(torch.rand(count, generator=generator) < self.coarsen, sizes, 1)
        return Draws(mirrored, moves, factor, boxes, coarser)

    def apply(self, batch: Tensor, draws: Draws) -> Tensor:
        """The pictures of a batch, changed as was drawn for them."""
        if draws.mirrored is not None:
            # Choosing whole rows of both versions is three times as fast as torch.where on bytes.
            both = torch.cat([batch, batch.flip(-1)]).flatten(1)
            rows = torch.arange(len(batch)) + len(batch) * draws.mirrored
            batch = both.index_select(0, rows.to(batch.device)).view_as(batch)
        if draws.moves is not None:
            batch = self._shifted(batch, draws.moves)
        if draws.factor is not None:
            # Never beyond white: a channel that is cut off there would change the hue.
            brightest = batch.amax(dim=(1, 2, 3), keepdim=True).clamp(min=1)
            factor = torch.minimum(draws.factor.to(batch.device), 255 / brightest)
            batch = (batch * factor).round().to(torch.uint8)
        side = self.side or batch.shape[-1]
        if draws.boxes is not None:
            batch = _cropped(batch, draws.boxes.to(batch.device), side)
        elif side != batch.shape[-1]:
            batch = to_side(batch, side)
        return batch if draws.coarser is None else _coarsened(batch, draws.coarser)

    def _boxes(self, count: int, generator: torch.Generator) -> Tensor:
        area, aspect, left, top = torch.rand(4, count, generator=generator)
        area = self.crop + (1 - self.crop) * area
        aspect = torch.exp((2 * aspect - 1) * math.log(ASPECT))
        if self.crop > 1 / ASPECT:  # else a side that is cut off at the picture's leaves this share at least
            aspect = aspect.clamp(min=area, max=1 / area)
        width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
        return torch.stack([width, height, left * (1 - width), top * (1 - height)])

    def _shifted(self, batch: Tensor, moves: Tensor) -> Tensor:
        height, width = batch.shape[-2:]
        if self.shift >= min(height, width):
            raise UsageError(f"batch.shift={self.shift} must be smaller than the pictures, {width}x{height}")
        padded = nn.functional.pad(batch.float(), [self.shift] * 4, mode="reflect").to(torch.uint8)
        top, left = moves.to(batch.device)
        rows = (top[:, None] + torch.arange(height, device=batch.device))[:, None, :, None]
        columns = (left[:, None] + torch.arange(width, device=batch.device))[:, None, None, :]
        which = torch.arange(len(batch), device=batch.device).view(-1, 1, 1, 1)
        channels = torch.arange(3, device=batch.device).view(1, 3, 1, 1)
        return padded[which, channels, rows, columns]


def to_side(pictures: Tensor, side: int) -> Tensor:
    """Square pictures, uint8 (n, 3, H, H), brought to a side, antialiased."""
    options = {"mode": "bicubic", "antialias": True, "align_corners": False}
    return _levels(nn.functional.interpolate(pictures.float(), (side, side), **options))  # type: ignore[arg-type]


def _cropped(batch: Tensor, boxes: Tensor, side: int) -> Tensor:
    """The parts of pictures in boxes, see Draws, brought to a side.

    Those that are to shrink to half or less are made smaller first, antialiased: sampling looks at four pixels a line.
    """
    times = (torch.minimum(boxes[0], boxes[1]) * batch.shape[-1] / side).long().clamp(min=1)
    if bool((times == 1).all()):
        return _sampled(batch, boxes, side)
    result = batch.new_empty(len(batch), 3, side, side)
    for shrunk in times.unique().tolist():
        chosen = (times == shrunk).nonzero()[:, 0]
        pictures = to_side(batch.index_select(0, chosen), batch.shape[-1] // shrunk)
        result[chosen] = _sampled(pictures, boxes[:, chosen], side)
    return result


def _sampled(batch: Tensor, boxes: Tensor, side: int) -> Tensor:
    width, height, left, top = boxes
    zero = torch.zeros_like(width)
    # From [-1, 1] over the result to [-1, 1] over the picture.
    across = torch.stack([width, zero, 2 * left + width - 1], dim=1)
    down = torch.stack([zero, height, 2 * top + height - 1], dim=1)
    places = nn.functional.affine_grid(
        torch.stack([across, down], dim=1), [len(batch), 3, side, side], align_corners=False
    )
    options = {"mode": "bicubic", "padding_mode": "border", "align_corners": False}
    return _levels(nn.functional.grid_sample(batch.float(), places, **options))  # type: ignore[arg-type]


def _coarsened(batch: Tensor, coarser: Tensor) -> Tensor:
    result = batch.clone()
    for times in COARSER:
        chosen = (coarser == times).nonzero()[:, 0].to(batch.device)
        if len(chosen):
            sharp = batch.index_select(0, chosen).float()
            small = nn.functional.avg_pool2d(sharp, times, ceil_mode=True, count_include_pad=False)
            options = {"mode": "bicubic", "align_corners": False}
            large = nn.functional.interpolate(small, batch.shape[-2:], **options)  # type: ignore[arg-type]
            result[chosen] = _levels(large)
    return result


def _levels(pictures: Tensor) -> Tensor:
    return pictures.round().clamp(0, 255).to(torch.uint8)
