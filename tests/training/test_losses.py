"""Losses: their formulas, that training makes them small, and which target each fits."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from src.color.targets.base import Target
from src.color.targets.palette import PaletteTarget
from src.errors import UsageError
from src.training.assembly import assemble
from src.training.losses.base import Loss, all_losses
from src.training.losses.rebalanced import RebalancedLoss, rebalancing_weights
from src.training.optimizers import adam, adamw_one_cycle


def make_loss(kind: type[Loss], target: Target) -> Loss:
    loss = kind(uniform=0.5) if kind is RebalancedLoss else kind()
    loss.prepare(target)
    return loss


@pytest.mark.parametrize("kind", all_losses(), ids=lambda kind: kind.name)
def test_a_loss_falls_under_training(kind: type[Loss], generator: torch.Generator) -> None:
    outputs = torch.randn(2, 4, 5, 5, generator=generator).requires_grad_()
    encoded = torch.rand(2, 4, 5, 5, generator=generator)
    if kind.encoding == "classes":
        encoded = encoded.argmax(1)
    loss = make_loss(kind, PaletteTarget(4))
    optimizer = torch.optim.Adam([outputs], lr=0.1)
    first = loss(outputs, encoded).item()
    for _ in range(100):
        optimizer.zero_grad()
        loss(outputs, encoded).backward()
        optimizer.step()
    assert loss(outputs, encoded).item() < 0.2 * first


def test_rebalancing_weights_follow_their_formula() -> None:
    frequencies = torch.tensor([0.7, 0.2, 0.1, 0.0])
    raw = [1 / (0.5 * p + 0.5 / 4) for p in (0.7, 0.2, 0.1, 0.0)]
    mean = 0.7 * raw[0] + 0.2 * raw[1] + 0.1 * raw[2]
    found = rebalancing_weights(frequencies, 0.5)
    assert found.tolist() == pytest.approx([weight / mean for weight in raw])
    assert (found * frequencies).sum().item() == pytest.approx(1)


def test_rebalancing_by_the_uniform_distribution_alone_is_plain_cross_entropy(generator: torch.Generator) -> None:
    outputs, truth = torch.randn(2, 3, 4, 4, generator=generator), torch.randint(0, 3, (2, 4, 4), generator=generator)
    target = PaletteTarget(3)
    target.frequencies.copy_(torch.tensor([0.8, 0.1, 0.1]))
    loss = RebalancedLoss(uniform=1.0)
    loss.prepare(target)
    expected = torch.nn.functional.cross_entropy(outputs, truth)
    assert loss(outputs, truth).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("uniform", [0, -1, 1.5])
def test_a_share_outside_its_range_is_refused(uniform: float) -> None:
    with pytest.raises(UsageError, match=r"loss\.uniform must be above 0 and at most 1"):
        RebalancedLoss(uniform)


@pytest.mark.parametrize(
    ("overrides", "fitting"),
    [
        (["target=ab"], "l1, mse"),
        (["target=rgb", "loss=rebalanced"], "l1, mse"),
        (["target=palette", "loss=mse"], "cross_entropy, rebalanced"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused_with_those_that_do(
    configure: Callable[..., dict[str, Any]], overrides: list[str], fitting: str
) -> None:
    with pytest.raises(UsageError, match=rf"does not fit .*losses that fit: {fitting}"):
        assemble(configure(*overrides, small=False))


def test_one_cycle_rises_to_its_rate_and_falls_to_nearly_nothing() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer, schedule = adamw_one_cycle([weight], 100, lr=0.01, weight_decay=0.01, warmup=0.3)
    assert schedule is not None
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if len(rates) < 100 else None
    assert max(rates) == pytest.approx(0.01)
    assert 25 <= rates.index(max(rates)) <= 31
    assert rates[-1] < 1e-5


@pytest.mark.parametrize("lr", [0, -1, float("nan")])
def test_a_rate_that_is_not_positive_is_refused(lr: float) -> None:
    with pytest.raises(UsageError, match=r"optimizer\.lr must be above 0"):
        adam([torch.nn.Parameter(torch.zeros(1))], 10, lr)
