"""A weighted sum of other losses."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from huesweep.color.targets.base import Target
from huesweep.errors import UsageError, unknown
from huesweep.losses.base import Loss
from huesweep.ranges import NonNegative
from huesweep.registry import build


class MixLoss(Loss):
    """The sum of losses, each times its weight; those of weight 0 take no part.

    weights: by name. parts: the description of each, as in conf/loss. Raises UsageError where nothing has a weight
    and where losses of both kinds of target are mixed.
    """

    name = "mix"

    def __init__(self, weights: Mapping[str, NonNegative], parts: Mapping[str, Any]) -> None:
        super().__init__()
        for name in weights:
            if name not in parts:
                raise unknown("loss", f"loss.weights.{name}", parts, short=name)
        self.weights = {name: weight for name, weight in weights.items() if weight}
        if not self.weights:
            raise UsageError("loss=mix: no loss has a weight: set some, as loss.weights.l1=1 loss.weights.mse=0.5")
        self.parts = nn.ModuleDict({name: build(Loss, parts[name], f"loss.parts.{name}") for name in self.weights})
        kinds = {part.encoding: name for name, part in self._named()}
        if len(kinds) > 1:
            raise UsageError(f"loss=mix: {' and '.join(kinds.values())} fit different targets: they can't be mixed")
        self.encoding = next(iter(kinds))
        self.needs_lightness = any(part.needs_lightness for _, part in self._named())

    def prepare(self, target: Target) -> None:
        for _, part in self._named():
            part.prepare(target)

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        terms = [self.weights[name] * part(outputs, encoded, lightness) for name, part in self._named()]
        return torch.stack(terms).sum()

    def _named(self) -> list[tuple[str, Loss]]:
        return list(self.parts.items())  # type: ignore[arg-type]
