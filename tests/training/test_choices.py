"""Optimizers, schedules, callbacks and loggers of libraries, as they are configured: what they do in a trial."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.registry import check_arguments
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule
from huesweep.training.optimizers import adamw_one_cycle
from tests.conftest import train

Configure = Callable[..., dict[str, Any]]


@pytest.mark.slow
@pytest.mark.parametrize(("interval", "steps_a_change"), [("epoch", 2), ("step", 1)])
def test_a_schedule_of_torch_moves_the_rate_of_an_optimizer_of_torch(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interval: str, steps_a_change: int
) -> None:
    seen: list[tuple[float, float]] = []
    step = ColorizationModule.training_step

    def noting(module: ColorizationModule, *arguments: Any) -> Any:
        (group,) = module.trainer.optimizers[0].param_groups
        seen.append((group["lr"], group["momentum"]))
        return step(module, *arguments)

    monkeypatch.setattr(ColorizationModule, "training_step", noting)
    config = configure(
        *("optimizer=torch", "optimizer._target_=torch.optim.SGD", "optimizer.lr=0.1", "+optimizer.momentum=0.8"),
        *("scheduler=torch", "scheduler._target_=torch.optim.lr_scheduler.CosineAnnealingLR", "+scheduler.T_max=6"),
        *(f"scheduler.interval={interval}", "trainer.max_epochs=3"),
    )
    train(config, TrialFolder(tmp_path / "trial"))
    changes = [place // steps_a_change for place in range(6)]  # two steps in each of three epochs
    assert [rate for rate, _ in seen] == pytest.approx(
        [0.05 * (1 + math.cos(math.pi * change / 6)) for change in changes]
    )
    assert {momentum for _, momentum in seen} == {0.8}


def test_an_optimizer_takes_several_numbers_from_a_list() -> None:
    given = {"lr": 0.1, "betas": [0.8, 0.95]}
    check_arguments(torch.optim.Adam, given, "optimizer", 1)
    with pytest.raises(UsageError, match=r"optimizer\.betas"):
        check_arguments(torch.optim.Adam, {**given, "betas": [0.8, 0.9, 0.95]}, "optimizer", 1)


def test_training_stops_early_and_the_average_is_kept(configure: Configure, tmp_path: Path) -> None:
    config = configure(
        *("callbacks=[ema,early_stopping]", "callbacks.early_stopping.patience=2", "trainer.max_epochs=20"),
        "callbacks.early_stopping.min_delta=100",  # no validation is that much better than the first
    )
    result = train(config, TrialFolder(tmp_path / "trial"))
    assert result["epochs"] == 3
    assert result["steps"] == 6
    drawn = {path.stem for path in (tmp_path / "trial" / "pictures").glob("epoch-*.png")}
    assert {"epoch-0001", "epoch-0003"} <= drawn


def test_a_table_is_written_beside_wandbs_run(configure: Configure, tmp_path: Path) -> None:
    train(configure("logger=[wandb,csv]"), TrialFolder(tmp_path / "trial"))
    (path,) = (tmp_path / "trial" / "csv").rglob("metrics.csv")
    with path.open(newline="") as file:
        losses = [float(row["val/loss"]) for row in csv.DictReader(file) if row["val/loss"]]
    with (tmp_path / "trial" / "metrics.csv").open(newline="") as file:
        expected = [float(row["val/loss"]) for row in csv.DictReader(file)]
    assert losses == pytest.approx(expected, rel=1e-3)
    assert len(losses) == 2


@pytest.mark.parametrize(("warmup", "steps"), [(0.5, 2), (0.1, 10), (0.25, 4)])
def test_a_rate_may_rise_within_one_step(warmup: float, steps: int) -> None:
    recipe = adamw_one_cycle([torch.nn.Parameter(torch.zeros(1))], steps, lr=1.0, weight_decay=0.0, warmup=warmup)
    rates = []
    for _ in range(steps):
        rates.append(recipe.optimizer.param_groups[0]["lr"])
        recipe.optimizer.step()
        recipe.schedule.step() if len(rates) < steps else None
    assert rates[0] == pytest.approx(1 / 25)
    if steps > 2:
        assert rates[1:] == sorted(rates[1:], reverse=True)
        assert rates[1] > 0.5


def test_a_schedule_that_ends_too_early_is_told(configure: Configure, tmp_path: Path) -> None:
    config = configure(
        *("optimizer=torch", "optimizer._target_=torch.optim.SGD", "optimizer.lr=0.1", "scheduler=torch"),
        *(
            "scheduler._target_=torch.optim.lr_scheduler.OneCycleLR",
            "+scheduler.max_lr=0.1",
            "+scheduler.total_steps=2",
            "scheduler.interval=step",
        ),
    )
    with pytest.raises(UsageError, match=r"scheduler: it ends before training does \(Tried to step"):
        train(config, TrialFolder(tmp_path / "trial"))


def test_a_batch_of_one_value_a_channel_is_told(configure: Configure, tmp_path: Path) -> None:
    config = configure("model.encoder.widths=[4,4,4,4,4,4]", "data.train=65")
    with pytest.raises(UsageError, match=r"the last batch has one picture.*batch\.size"):
        train(config, TrialFolder(tmp_path / "trial"))
