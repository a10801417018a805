"""Recipes for changing the weights: an optimizer and, where it has one, its schedule a step."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from huesweep.errors import UsageError


class Recipe(NamedTuple):
    """What moves the weights. schedule: steps once a batch, or None for a constant rate."""

    optimizer: torch.optim.Optimizer
    schedule: LRScheduler | None


def adam(parameters: Iterable[nn.Parameter], _total_steps: int, lr: float) -> Recipe:
    """Adam at a constant rate (Kingma & Ba 2015), as in Yeung's and the Toronto recipes."""
    return Recipe(torch.optim.Adam(parameters, lr=_positive(lr)), None)


def adamw_one_cycle(
    parameters: Iterable[nn.Parameter], total_steps: int, lr: float, weight_decay: float, warmup: float
) -> Recipe:
    """AdamW (Loshchilov & Hutter 2019) under a one-cycle rate (Smith & Topin 2018).

    lr: the highest rate. warmup: share of all steps in which it is reached; from there it falls along a cosine.
    """
    if not 0 < warmup < 1:
        raise UsageError(f"optimizer.warmup is a share of all steps, above 0 and below 1, not {warmup}")
    optimizer = torch.optim.AdamW(parameters, lr=_positive(lr), weight_decay=weight_decay)
    return Recipe(optimizer, OneCycleLR(optimizer, lr, total_steps=max(2, total_steps), pct_start=warmup))


def _positive(lr: float) -> float:
    if not lr > 0:
        raise UsageError(f"optimizer.lr must be above 0, not {lr}")
    return lr
