"""Recipes for changing the weights: an optimizer and, where it has one, its schedule."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from pydantic import validate_call
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from huesweep.ranges import Count, NonNegative, Positive, PositiveShare, Share
from huesweep.registry import CHECKS
from huesweep.training.clipped_steps import ClippedSteps


class Recipe(NamedTuple):
    """What moves the weights. schedule: of the rate, or None for a constant one. interval: `step` or `epoch`."""

    optimizer: torch.optim.Optimizer
    schedule: Any = None
    interval: str = "step"


@validate_call(config=CHECKS)
def adam(parameters: Iterable[nn.Parameter], _total_steps: int, lr: Positive) -> Recipe:
    """Adam at a constant rate (Kingma & Ba 2015), as in Yeung's and the Toronto recipes."""
    return Recipe(torch.optim.Adam(parameters, lr=lr))


@validate_call(config=CHECKS)
def adamw_one_cycle(
    parameters: Iterable[nn.Parameter], total_steps: int, lr: Positive, weight_decay: NonNegative, warmup: PositiveShare
) -> Recipe:
    """AdamW (Loshchilov & Hutter 2019) under a one-cycle rate (Smith & Topin 2018).

    lr: the highest rate. warmup: share of all steps in which it is reached; from there it falls along a cosine.
    """
    optimizer = torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    total_steps = max(2, total_steps)
    if warmup * total_steps == 1:  # by the length of its rise, less a step, torch divides
        warmup *= 1 + 1e-9
    return Recipe(optimizer, OneCycleLR(optimizer, lr, total_steps=total_steps, pct_start=warmup))


@validate_call(config=CHECKS)
def sgd(parameters: Iterable[nn.Parameter], _total_steps: int, lr: Positive, momentum: Share) -> Recipe:
    """Stochastic gradient descent at a constant rate (Robbins & Monro 1951), with momentum (Polyak 1964) or without."""
    return Recipe(torch.optim.SGD(parameters, lr=lr, momentum=momentum))


@validate_call(config=CHECKS)
def rutgers(
    parameters: Iterable[nn.Parameter],
    _total_steps: int,
    lr: Positive,
    first_squared: bool,
    start: Positive,
    scaled: bool,
    clip: Positive | None,
    batch: Count,
    decay: Share,
    adds_up: bool,
) -> Recipe:
    """The steps of the Rutgers study; see ClippedSteps.

    start: half the range in which weights were drawn. scaled: gradients are multiplied by it. clip: steps are clipped
    at so much times `start` and the size of a `batch`.
    """
    limit = None if clip is None else clip * batch * start
    scale = start if scaled else 1.0
    return Recipe(ClippedSteps(parameters, lr, first_squared, scale, limit, decay, adds_up))
