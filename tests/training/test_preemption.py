"""A signal in the middle of an epoch: the trial is saved there, and goes on from there as if nothing had happened."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch

from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history
from huesweep.training.module import ColorizationModule, Pair
from tests.conftest import train
from tests.training.steps import Steps

Configure = Callable[..., dict[str, Any]]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["state_dict"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [False, True])
def test_a_terminated_trial_goes_on_in_the_middle_of_its_epoch(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: bool
) -> None:
    by_workers = ["batch.device_gib=0", "batch.workers=1"] if workers else []
    config = configure("batch.size=16", "trainer.max_epochs=3", "batch.shift=1", *by_workers)  # four steps an epoch
    whole, broken = TrialFolder(tmp_path / "whole"), TrialFolder(tmp_path / "broken")
    steps = Steps(monkeypatch)
    expected = train(config, whole)
    assert steps.count == 12

    steps.count = 0
    steps.at = {6: lambda: os.kill(os.getpid(), signal.SIGTERM)}  # the second of the second epoch
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped:
        train(config, broken)
    assert stopped.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before
    assert steps.count == 6
    assert torch.load(broken.last, weights_only=True)["global_step"] == 6
    assert not broken.error.exists()

    steps.at = {}
    result = train(config, broken)
    assert steps.count == 12
    assert result["steps"] == 12
    assert result["test"] == expected["test"]
    for name, value in weights(whole.last).items():
        assert torch.equal(value, weights(broken.last)[name]), name
    assert [row["epoch"] for row in read_history(broken.path)] == [1, 2, 3]


def test_a_signal_in_the_last_validation_ends_the_process_once_that_is_saved(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    judge = ColorizationModule.validation_step

    def interrupted(module: ColorizationModule, batch: Pair, index: int) -> None:
        if module.current_epoch == 1:  # of two
            os.kill(os.getpid(), signal.SIGTERM)
        judge(module, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(ColorizationModule, "validation_step", interrupted)
        with pytest.raises(SystemExit) as stopped:
            train(configure(), folder)
    assert stopped.value.code == 128 + signal.SIGTERM
    assert not folder.result.exists()
    assert [row["epoch"] for row in read_history(folder.path)] == [1, 2]
    steps = Steps(monkeypatch)
    assert train(configure(), folder)["epochs"] == 2
    assert steps.count == 0


@pytest.mark.slow
def test_who_listened_to_a_warning_gets_it_after_the_saving(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, heard = TrialFolder(tmp_path / "trial"), []

    def listen(number: int, _frame: FrameType | None) -> None:
        heard.append((number, torch.load(folder.last, weights_only=True)["global_step"]))

    steps = Steps(monkeypatch)
    steps.at = {3: lambda: os.kill(os.getpid(), signal.SIGUSR2)}
    before = signal.signal(signal.SIGUSR2, listen)
    try:
        with pytest.raises(SystemExit):
            train(configure("trainer.max_epochs=3"), folder)
        assert signal.getsignal(signal.SIGUSR2) == listen
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert heard == [(signal.SIGUSR2, 3)]
