"""Saving when the machine is about to be taken away."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from huesweep.data.batches import PairBatches

SIGNALS = ("SIGTERM", "SIGUSR1", "SIGUSR2")


class SaveOnSignal(pl.Callback):
    """After a signal, saves at the end of the step, in the middle of the epoch, and ends the process.

    SIGTERM ends it with status 143. SIGUSR1 and SIGUSR2 matter where somebody listens to them already, as submitit does
    to Slurm's warning: it gets its turn after the saving, and puts the job back into the queue.
    """

    def __init__(self, last: Path) -> None:
        self.last = last
        self._received: int | None = None
        self._earlier: dict[int, Any] = {}
        self._given = 0
        self._trainer: pl.Trainer | None = None

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        self._trainer = trainer

    def state_dict(self) -> dict[str, int]:
        """Where in the epoch a checkpoint stands: how many batches were trained on; 0 at the end of one."""
        batches = self._batches()
        return {"given": batches.given % len(batches)}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self._given = state["given"]

    def _batches(self) -> PairBatches:
        assert self._trainer is not None
        batches = self._trainer.train_dataloader
        assert isinstance(batches, PairBatches)
        return batches

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._batches().skip(self._given)
        if threading.current_thread() is not threading.main_thread() or trainer.world_size > 1:
            return  # only there can one listen; and of several processes not all hear it in the same step
        for number in (getattr(signal, name) for name in SIGNALS if hasattr(signal, name)):
            earlier = signal.getsignal(number)
            if number == signal.SIGTERM or callable(earlier):
                self._earlier[number] = earlier
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._received = number

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        if self._received is None:
            return
        number, self._received = self._received, None
        trainer.save_checkpoint(self.last)
        earlier = self._earlier[number]
        self._restore()
        if number != signal.SIGTERM:
            earlier(number, None)
        raise SystemExit(128 + number)

    def on_exception(self, trainer: pl.Trainer, module: pl.LightningModule, exception: BaseException) -> None:
        self._restore()

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._restore()

    def _restore(self) -> None:
        while self._earlier:
            number, earlier = self._earlier.popitem()
            signal.signal(number, earlier)
