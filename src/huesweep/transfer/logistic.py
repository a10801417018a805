"""Multinomial logistic regression, fitted to convergence."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

STEPS = 2000  # of L-BFGS at most
HISTORY = 20
SMALL = 1e-5  # largest entry of the gradient, along the scaled axes, at which a fit has converged


class Fit(NamedTuple):
    """Logits are features @ weight + bias. gradient: the largest entry of the last one. steps: that it took."""

    weight: Tensor
    bias: Tensor
    gradient: float
    steps: int

    @property
    def has_converged(self) -> bool:
        """Whether a further step would change nothing that matters."""
        return self.gradient <= 10 * SMALL  # a line search may end a little above

    def logits(self, features: Tensor) -> Tensor:
        """The logits of features, (N, C). Gives (N, K)."""
        return features.to(self.weight.dtype) @ self.weight + self.bias


class Logistic:
    """Minimizes mean cross-entropy + penalty / 2 · |weight|², by L-BFGS (Liu & Nocedal 1989) in float64.

    features: (N, C). labels: int64 (N,), below `classes`. The bias is not penalized. Steps are taken along the
    principal axes of the features, scaled by the curvature that the loss has there where all classes are as likely:
    features that are alike, as those of networks are, would take thousands of steps otherwise.
    """

    def __init__(self, features: Tensor, labels: Tensor, classes: int) -> None:
        self.features = features.double()
        self.truth = nn.functional.one_hot(labels, classes).to(self.features)
        spread, self.axes = torch.linalg.eigh(self.features.T @ self.features / len(features))
        self.curvature = spread.clamp(min=0)[:, None] * (classes - 1) / classes**2

    def fit(self, penalty: float, start: Fit | None = None) -> Fit:
        """The fit under a penalty above 0, which is the same whatever it starts from."""
        scale = 1 / (self.curvature + penalty).sqrt()
        width, classes = self.features.shape[1], self.truth.shape[1]
        values = torch.zeros(width + 1, classes, dtype=torch.float64, device=self.features.device)
        if start is not None:
            values.copy_(torch.cat([self.axes.T @ start.weight / scale, start.bias[None]]))
        values.requires_grad_(True)

        @torch.no_grad()
        def loss() -> Tensor:
            weight = self.axes @ (scale * values[:-1])
            chances = (self.features @ weight + values[-1]).log_softmax(1)
            found = -(chances * self.truth).sum(1).mean() + penalty / 2 * weight.square().sum()
            wrong = (chances.exp_() - self.truth) / len(self.features)
            along = scale * (self.axes.T @ (self.features.T @ wrong + penalty * weight))
            values.grad = torch.cat([along, wrong.sum(0, keepdim=True)])
            return found

        optimizer = torch.optim.LBFGS(
            [values],
            max_iter=STEPS,
            max_eval=2 * STEPS,
            tolerance_grad=SMALL,
            tolerance_change=1e-12,
            history_size=HISTORY,
            line_search_fn="strong_wolfe",
        )
        optimizer.step(loss)
        loss()
        found, gradient = values.detach(), values.grad
        assert gradient is not None
        weight = self.axes @ (scale * found[:-1])
        return Fit(weight, found[-1], float(gradient.abs().max()), optimizer.state[values]["n_iter"])


def standardized(*splits: Tensor) -> list[Tensor]:
    """Features of splits, (N, C) each, with the mean and deviation of the first taken out; constant ones become 0."""
    first = splits[0].double()
    mean, deviation = first.mean(0), first.std(0, unbiased=False)
    is_constant = deviation <= 1e-8 * mean.abs() + 1e-12
    return [((part.double() - mean) / deviation).masked_fill(is_constant, 0) for part in splits]
