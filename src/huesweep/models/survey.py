"""What a network costs and how far it sees, measured on the network itself."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

WIDTHS = (128, 256, 512)  # pixels of the strips on which receptive fields are looked for, in turn
ROWS = 4  # of the coarsest map: dilated kernels of even size skip the row that they stand on


@torch.no_grad()
def count_multiply_adds(network: nn.Module, picture: Tensor) -> int:
    """Multiply-adds of one forward pass. picture: (1, channels, H, W)."""
    network.eval()
    with FlopCounterMode(display=False) as counter:
        network(picture)
    return counter.get_total_flops() // 2


def in_64_bits(module: nn.Module) -> nn.Module:
    """A copy of a module in evaluation mode that computes in 64 bits, where no fast algorithm mixes distant values."""
    return deepcopy(module).double().eval()


@torch.no_grad()
def receptive_field(network: Callable[[Tensor], Tensor], channels: int, coarsest: int) -> int | None:
    """On how many columns of pixels one value depends, at most; None where it is more than a strip of 512 has.

    network: from (N, channels, H, W) to (N, C, H', W'), in evaluation mode and 64 bits. coarsest: its largest stride.
    What it gives is tried out: pixels that are not a number make everything that depends on them not a number.
    """
    longest = torch.zeros(1, channels, ROWS * coarsest, WIDTHS[-1], dtype=torch.float64)
    longest[..., 0] = float("nan")
    if network(longest)[..., -1].isnan().any():  # attention, for one, reaches everywhere
        return None
    for width in WIDTHS:
        starts = [width // 2 + phase for phase in range(coarsest)]
        strips = torch.zeros(2 * coarsest, channels, ROWS * coarsest, width, dtype=torch.float64)
        for strip, start in enumerate(starts):
            strips[strip, :, :, start:] = float("nan")
            strips[coarsest + strip, :, :, : start + 1] = float("nan")
        touched = network(strips).isnan().any(1).any(1)
        outputs = touched.shape[1]
        first = touched[:coarsest].long().argmax(1).tolist()  # that depends on a start or columns to its right
        last = (outputs - 1 - touched[coarsest:].flip(1).long().argmax(1)).tolist()  # or to its left
        if min(first) == 0 or max(last) == outputs - 1:
            continue
        # Moved by the coarsest stride, all repeats: so many starts tell of every column.
        period = coarsest * outputs // width
        fields = []
        for place in range(outputs // 2, outputs // 2 + max(period, 1)):
            highest = max(t + coarsest * ((place - f) // period) for t, f in zip(starts, first, strict=True))
            lowest = min(t - coarsest * ((x - place) // period) for t, x in zip(starts, last, strict=True))
            fields.append(highest - lowest + 1)
        return max(fields)
    return None
