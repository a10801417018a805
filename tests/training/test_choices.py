"""Optimizers, schedules, callbacks and loggers of libraries, as they are configured: what they do in a trial."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule
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


def test_training_stops_early_and_the_average_is_kept(configure: Configure, tmp_path: Path) -> None:
    config = configure(
        *("callbacks=[ema,early_stopping]", "callbacks.early_stopping.patience=2", "trainer.max_epochs=20"),
        "callbacks.early_stopping.min_delta=100",  # no validation is that much better than the first
    )
    result = train(config, TrialFolder(tmp_path / "trial"))
    assert result["epochs"] == 3
    assert result["steps"] == 6


def test_a_table_is_written_beside_wandbs_run(configure: Configure, tmp_path: Path) -> None:
    train(configure("logger=[wandb,csv]"), TrialFolder(tmp_path / "trial"))
    (path,) = (tmp_path / "trial" / "csv").rglob("metrics.csv")
    with path.open(newline="") as file:
        losses = [float(row["val/loss"]) for row in csv.DictReader(file) if row["val/loss"]]
    with (tmp_path / "trial" / "metrics.csv").open(newline="") as file:
        expected = [float(row["val/loss"]) for row in csv.DictReader(file)]
    assert losses == pytest.approx(expected, rel=1e-3)
    assert len(losses) == 2
