"""Looking at pictures before a training on them: whether there is color to learn from, and enough to score on."""

import torch
from torch import Tensor

from huesweep.color.colorfulness import colorfulness
from huesweep.errors import UsageError
from huesweep.io.terminal import remark

LOOKED_AT = 500  # pictures, spread over all
GRAY = 5.0  # colorfulness below which a picture counts as gray, as in conf/data/caltech101
MANY = 0.1  # share of gray pictures that is told
FEW = 10  # pictures, of which scores tell little


def check_colors(pictures: Tensor, name: str) -> None:
    """Tell where many training pictures are gray. pictures: uint8 (N, 3, H, W); name: of their source.

    Raises UsageError where all are: black-and-white photos teach nothing about color.
    """
    found = torch.cat([colorfulness(part) for part in pictures[:: -(-len(pictures) // LOOKED_AT)].split(50)])
    if found.max() == 0:
        raise UsageError(f"data={name}: its training pictures are black and white: there is no color to learn from")
    share = (found < GRAY).double().mean().item()
    if share >= MANY:
        remark(f"data={name}: {share:.0%} of the training pictures are gray or nearly so, and teach to leave them gray")


def tell_few(validation: int, test: int, name: str) -> None:
    """Say where there are too few pictures to choose an epoch by, or to score on."""
    if not validation:
        remark(f"data={name}: no validation pictures, so that the last epoch counts")
    if test < FEW:
        remark(f"data={name}: {test} test picture{'s' * (test > 1)}, of which scores tell little")
