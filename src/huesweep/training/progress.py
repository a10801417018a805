"""A progress bar per trial: a live one in a terminal, a line an epoch in a log."""

import sys
import time
from typing import Any

import pytorch_lightning as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from huesweep.metrics.catalog import HEADLINES, as_text
from huesweep.training.limits import planned_steps

SHOWN = ("train/loss", *(f"{split}/{name}" for split in ("val", "test") for name in ("loss", *HEADLINES)))
REFRESH = 0.2  # seconds between updates of the live bar


class TrialProgress(pl.Callback):
    """Shows how far training is, its loss, and the time left."""

    def __init__(self) -> None:
        self.console = Console(file=sys.stderr, markup=False, emoji=False)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._shown = 0.0
        self._epoch_began = 0.0

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._epoch_began = time.monotonic()  # a trial that goes on in the middle of an epoch doesn't start one
        if trainer.is_global_zero and self.console.is_terminal:
            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("steps"), TimeRemainingColumn())
            self._bar = Progress(TextColumn("{task.description}"), *columns, console=self.console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("training", total=planned_steps(trainer))

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._epoch_began = time.monotonic()

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        if self._bar is not None and time.monotonic() - self._shown > REFRESH:
            self._shown = time.monotonic()
            loss = float(outputs["loss"] if isinstance(outputs, dict) else outputs)
            description = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}  loss {loss:.4f}"
            self._bar.update(self._task, completed=trainer.global_step, description=description)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if trainer.is_global_zero:
            console = self._bar.console if self._bar is not None else self.console
            metrics = trainer.callback_metrics
            shown = [f"{name} {_as_text(name, float(metrics[name]))}" for name in SHOWN if name in metrics]
            seconds = time.monotonic() - self._epoch_began
            line = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}  {'  '.join(shown)}  {seconds:.1f} s"
            console.print(line, highlight=False, soft_wrap=True)

    def on_exception(self, trainer: pl.Trainer, module: pl.LightningModule, exception: BaseException) -> None:
        self._stop()

    def teardown(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _as_text(name: str, value: float) -> str:
    return f"{value:.4g}" if name.endswith("/loss") else as_text(name.partition("/")[2], value)
