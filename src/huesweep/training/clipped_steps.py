"""The steps by which the Rutgers study changes its weights."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

SUM = "sum"  # in a parameter's state


class ClippedSteps(torch.optim.Optimizer):
    """weights -= decay * weights + clip(rate * gradient * scale, -limit, limit), of single weights.

    lr: the rate. first_squared: the first parameter's, which is the first layer's, is the square of it. limit: None
    doesn't clip. decay: is outside of rate and clip (decoupled). adds_up: the gradients of all steps so far are summed.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        first_squared: bool,
        scale: float,
        limit: float | None,
        decay: float,
        adds_up: bool,
    ) -> None:
        options = {"first_squared": first_squared, "scale": scale, "limit": limit, "decay": decay, "adds_up": adds_up}
        super().__init__(parameters, {"lr": lr, **options})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for place, weights in enumerate(group["params"]):
                if weights.grad is not None:
                    rate = group["lr"] ** 2 if group["first_squared"] and place == 0 else group["lr"]
                    self._change(weights, rate, group)
        return loss

    def _change(self, weights: Tensor, rate: float, options: dict[str, Any]) -> None:
        gradient = weights.grad
        if options["adds_up"]:
            gradient = self.state[weights].setdefault(SUM, torch.zeros_like(weights)).add_(gradient)
        step = gradient * (rate * options["scale"])
        if options["limit"] is not None:
            step.clamp_(-options["limit"], options["limit"])
        if options["decay"]:
            step.add_(weights, alpha=options["decay"])
        weights.sub_(step)
