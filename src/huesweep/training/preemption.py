"""Saving when the machine is about to be taken away."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl

SIGNALS = ("SIGTERM", "SIGUSR1", "SIGUSR2")


class SaveOnSignal(pl.Callback):
    """After a signal, saves at the end of the optimizer's step, in the middle of the epoch, and ends the process.

    Before a validation, which a restart would leave out, it waits for the next step, or for what is saved at an epoch's
    end. Stands behind every callback that changes what is saved. SIGTERM ends the process with status 143. SIGUSR1 and
    SIGUSR2 matter where somebody listens to them already, as submitit does to Slurm's warning: it gets its turn after
    the saving, and puts the job back into the queue.
    """

    def __init__(self, last: Path) -> None:
        self.last = last
        self._received: int | None = None
        self._earlier: dict[int, Any] = {}
        self._steps = 0

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._steps = trainer.global_step
        if trainer.received_sigterm:  # while Lightning prepared
            raise SystemExit(128 + signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or trainer.world_size > 1:
            return  # only there can one listen; and of several processes not all hear it in the same step
        for number in (getattr(signal, name) for name in SIGNALS if hasattr(signal, name)):
            earlier = signal.getsignal(number)
            if number == signal.SIGTERM or callable(earlier):
                self._earlier[number] = earlier
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._received = number

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, batch_index: int
    ) -> None:
        has_stepped, self._steps = trainer.global_step > self._steps, trainer.global_step
        if (
            self._received is None
            or not has_stepped
            or trainer.should_stop
            or _is_before_validation(batch_index, trainer)
        ):
            return
        trainer.save_checkpoint(self.last)
        self._leave()

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if self._received is not None:
            self._leave()

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if self._received is not None:
            self._leave()
        self._restore()

    def _leave(self) -> None:
        assert self._received is not None
        number, self._received = self._received, None
        earlier = self._earlier[number]
        self._restore()
        if number != signal.SIGTERM:
            earlier(number, None)
        raise SystemExit(128 + number)

    def on_exception(self, trainer: pl.Trainer, module: pl.LightningModule, exception: BaseException) -> None:
        self._restore()

    def _restore(self) -> None:
        while self._earlier:
            number, earlier = self._earlier.popitem()
            signal.signal(number, earlier)


def _is_before_validation(batch_index: int, trainer: pl.Trainer) -> bool:
    """Whether a validation, or the epoch's end, follows the step that has just been made."""
    every = trainer.val_check_batch  # inf where it is only at the end
    return trainer.is_last_batch or (isinstance(every, int) and (batch_index + 1) % every == 0)
