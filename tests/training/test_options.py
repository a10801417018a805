"""Options of Lightning's Trainer: those that it would misread, or refuse only in the middle, are refused before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.errors import UsageError
from huesweep.training.folder import TrialFolder
from huesweep.training.limits import StepLimit
from huesweep.training.options import check_batches
from huesweep.training.trainer import make_trainer
from tests.conftest import train

Configure = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+trainer.val_check_interval=100", r"val_check_interval=100 is more batches than the 2 of an epoch.*every_n"),
        ("+trainer.val_check_interval=0.2", r"val_check_interval=0\.2 is less than a batch: an epoch has 2"),
        ("trainer.limit_train_batches=0.1", r"limit_train_batches=0\.1 is less than a batch: an epoch has 2"),
    ],
)
def test_a_part_of_an_epoch_that_it_does_not_have_is_told(
    configure: Configure, tmp_path: Path, override: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as told:
        train(configure(override), TrialFolder(tmp_path / "trial"))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("options", "batches"),
    [
        ({"val_check_interval": 2}, 2),
        ({"val_check_interval": 0.5}, 2),
        ({"limit_train_batches": 5}, 2),
        ({"limit_train_batches": 0.5, "val_check_interval": 1}, 2),
        ({"limit_train_batches": None}, 1),
    ],
)
def test_a_part_of_an_epoch_that_it_has_is_trained_on(options: dict[str, Any], batches: int) -> None:
    check_batches(options, batches)


def test_the_two_limits_count_together() -> None:
    with pytest.raises(UsageError, match="val_check_interval=6 is more batches than the 5"):
        check_batches({"limit_train_batches": 0.5, "val_check_interval": 6}, 10)


def test_what_the_trainer_takes_it_gets(configure: Configure) -> None:
    options = configure("+trainer.accumulate_grad_batches=3", "+trainer.max_steps=7", "trainer.gradient_clip_val=0.5")
    trainer = make_trainer({**options["trainer"], "logger": False}, logger=False)
    assert (trainer.accumulate_grad_batches, trainer.gradient_clip_val) == (3, 0.5)
    assert [callback.steps for callback in trainer.callbacks if isinstance(callback, StepLimit)] == [7]  # type: ignore[attr-defined]
