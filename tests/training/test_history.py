"""The time that a trial's table tells, over interruptions, and the best epoch that loggers are told of."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huesweep.training import history
from huesweep.training.checkpoints import best_and_last
from huesweep.training.history import History
from huesweep.training.training_log import TrainingLog


def test_time_before_an_interruption_counts_that_of_a_cut_off_epoch_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(history, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    trainer: Any = SimpleNamespace(current_epoch=0, is_global_zero=True, loggers=[])
    module: Any = None
    first = History(tmp_path)
    assert first.state_dict() == {"seconds": 0.0}  # nothing has begun
    first.on_train_start(trainer, module)
    clock[0] += 7
    state = first.state_dict()
    assert state == {"seconds": 7.0}

    clock[0] += 5000  # the trial lay still
    again = History(tmp_path)
    again.load_state_dict(state)
    again.on_train_start(trainer, module)
    clock[0] += 2
    assert again.state_dict() == {"seconds": 9.0}


@pytest.mark.parametrize(
    ("monitor", "mode", "best"),
    [("val/loss", "min", {"best/psnr": 21.0}), ("val/accuracy", "max", {"best/psnr": 22.0}), (None, "min", {})],
)
def test_the_best_score_is_that_of_the_epoch_whose_weights_are_kept(
    tmp_path: Path, monitor: str | None, mode: Any, best: dict[str, float]
) -> None:
    told: dict[str, float] = {}
    logger = SimpleNamespace(log_metrics=lambda metrics, _: told.update(metrics))
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.1}])
    trainer: Any = SimpleNamespace(current_epoch=1, global_step=2, loggers=[logger], optimizers=[optimizer])
    history = History(tmp_path)
    history.rows = [
        {"epoch": 1, "val/loss": 0.5, "val/accuracy": 0.6, "val/psnr": 21.0},
        {"epoch": 2, "val/loss": 0.7, "val/accuracy": 0.8, "val/psnr": 22.0},
    ]
    keeper, _ = best_and_last(tmp_path, monitor, False, mode)
    TrainingLog(history, "psnr", keeper).on_train_epoch_end(trainer, trainer)
    assert {name: score for name, score in told.items() if name.startswith("best/")} == best
