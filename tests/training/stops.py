"""Training that is stopped at a chosen moment, in a process of its own, and goes on."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from huesweep.training import colorization_trial, history
from huesweep.training.assembly import assemble
from huesweep.training.checkpoints import AtomicCheckpointIO
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.history import History
from huesweep.training.metrics_file import read_history
from huesweep.training.module import ColorizationModule
from huesweep.training.recovery import recover

LONGEST = 60.0  # seconds that a process may take to its stop
KINDS = ("SIGTERM", "SIGKILL", "exception")


class Moments:
    """Numbers what happens in a training that runs in this process: steps, validations, checkpoints; and stops there.

    Every checkpoint is two moments, before and after it is written.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.stop_at: int | None = None
        self.kind = ""
        self._at_beginning(monkeypatch, ColorizationModule, "training_step")
        self._at_beginning(monkeypatch, ColorizationModule, "validation_step")
        self._at_beginning(monkeypatch, History, "on_train_epoch_end")
        save = AtomicCheckpointIO.save_checkpoint

        def saved(*arguments: Any, **options: Any) -> None:
            self.happens()
            save(*arguments, **options)
            self.happens()

        monkeypatch.setattr(AtomicCheckpointIO, "save_checkpoint", saved)

    def _at_beginning(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def told(*arguments: Any) -> Any:
            self.happens()
            return original(*arguments)

        monkeypatch.setattr(owner, name, told)

    def happens(self) -> None:
        self.count += 1
        if self.count != self.stop_at:
            return
        if self.kind == "exception":
            raise RuntimeError("the power went out")
        os.kill(os.getpid(), getattr(signal, self.kind))


def fit(config: dict[str, Any], folder: TrialFolder) -> None:
    """Train as a trial does, without the scores at its end."""
    begun = ColorizationTrial(config, folder)
    parts = assemble(config)
    recover(folder, begun.cache)
    begun.fit(parts, [])


def stopped(config: dict[str, Any], folder: TrialFolder, moments: Moments, at: int, kind: str) -> None:
    """Train in a process that is stopped at a moment."""
    child = os.fork()
    if child == 0:
        moments.count, moments.stop_at, moments.kind = 0, at, kind
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            fit(config, folder)
        finally:
            os._exit(0)
    until = time.monotonic() + LONGEST
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            pytest.fail(f"training hangs after {kind} at moment {at}")
        time.sleep(0.01)


def weights(path: Path) -> dict[str, torch.Tensor]:
    """Those in a checkpoint, averaged and current ones."""
    checkpoint = torch.load(path, weights_only=True)
    return {**checkpoint["state_dict"], **{f"now.{k}": v for k, v in checkpoint.get("current_model_state", {}).items()}}


def rows(folder: TrialFolder) -> list[dict[str, float]]:
    """The curves, but for the time."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in read_history(folder.path)]


def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes time and changes nothing of the training."""
    monkeypatch.setattr(history, "draw_curves", lambda _rows: b"")
    monkeypatch.setattr(colorization_trial, "ExampleGrids", lambda *_, **__: pl.Callback())
