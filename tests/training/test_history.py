"""The time that a trial's table tells, over interruptions."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huesweep.training import history
from huesweep.training.history import History


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
