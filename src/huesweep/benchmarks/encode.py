"""How fast pixels get the number of their nearest palette color, against NumPy's argmin, and whether they agree."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from huesweep.benchmarks.report import Row, alternate
from huesweep.color.spaces import to_float
from huesweep.color.targets.palette import PaletteTarget

WHOLE = 50_000  # pictures of 32x32: 51 million pixels
SHARE = 100  # NumPy gets one in so many of them, and its time is multiplied
BATCH = 500
CHUNK = 2**14  # pixels that NumPy compares with all colors at once
LEAST = 20


def run(pictures: int = WHOLE, colors: Sequence[int] = (32, 313), repetitions: int = 3) -> Iterator[Row]:
    """Random pixels and random colors in RGB, a palette drawn anew each time: making its table of colors counts.

    A tie within rounding is told from a difference.
    """
    random = np.random.default_rng(0)
    levels = torch.from_numpy(random.integers(0, 256, (pictures, 3, 32, 32), dtype=np.uint8))
    part = levels[: max(1, pictures // SHARE)]
    for count in colors:
        target = PaletteTarget(count)

        def ours(target: PaletteTarget = target, count: int = count) -> float:
            target.centers.copy_(torch.from_numpy(random.random((count, 3), dtype=np.float32)))
            began = time.perf_counter()
            target.prepare(levels[:, 0].numel())
            for batch in levels.split(BATCH):
                target.encode_bytes(batch)
            return time.perf_counter() - began

        def theirs(target: PaletteTarget = target) -> float:
            began = time.perf_counter()
            nearest(part.numpy(), target.centers.numpy())
            return (time.perf_counter() - began) * len(levels) / len(part)

        (our_seconds, _), (their_seconds, _) = alternate(repetitions, ours, theirs)
        name = f"{pictures * 32 * 32 / 1e6:,.1f} million pixels to {count} colors"
        yield Row(f"{name}: NumPy's time against ours", their_seconds / our_seconds, "times", target=LEAST)
        yield Row(f"{name}: ours", our_seconds, "s")
        differing = wrong(part, target)
        yield Row(f"{name}: pixels with another color than the nearest", differing, "", target=0, better="lower")


def nearest(pictures: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """The index of the nearest color for each pixel, uint8 (N, 3, H, W) to (N * H * W,), in chunks that fit a cache."""
    pixels = (pictures.transpose(0, 2, 3, 1).reshape(-1, 3) / 255).astype(palette.dtype)
    found = np.empty(len(pixels), dtype=np.int64)
    for start in range(0, len(pixels), CHUNK):
        chunk = pixels[start : start + CHUNK, None]
        found[start : start + CHUNK] = ((chunk - palette[None]) ** 2).sum(-1).argmin(1)
    return found


def wrong(pictures: torch.Tensor, target: PaletteTarget) -> int:
    """How many pixels get a color that is farther, in 64 bits, than the nearest by more than 1e-6."""
    palette = target.centers.double()
    differing = 0
    for batch in pictures.split(BATCH):
        pixels = to_float(batch).double().movedim(1, -1).flatten(0, 2)
        ours = (pixels - palette[target.encode_bytes(batch).flatten()]).norm(dim=1)
        theirs = (pixels - palette[torch.from_numpy(nearest(batch.numpy(), palette.numpy()))]).norm(dim=1)
        differing += int((ours > theirs + 1e-6).sum())
    return differing
