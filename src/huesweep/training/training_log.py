"""What loggers are told beside the scores: rate, speed, the best score so far, and in long epochs the loss of steps."""

import time
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

from huesweep.training.history import History

EVERY = 50  # steps


class TrainingLog(pl.Callback):
    """Logs `train/loss_step` every 50 steps, and after each epoch `lr`, `train/pictures_per_second` and `best/RANK`.

    The speed is that of training alone, without validation. The best is that of the epoch whose weights a trial keeps,
    and not logged without validation pictures. history: with this trial's epochs; stands before this callback. rank:
    the score by which trials are ranked. best: keeps the weights.
    """

    def __init__(self, history: History, rank: str, best: ModelCheckpoint) -> None:
        self.history = history
        self.rank = rank
        self.best = best
        self._began = 0.0
        self._trained = 0.0
        self._pictures = 0

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._began = time.monotonic()
        self._pictures = 0

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, batch_index: int
    ) -> None:
        self._trained = time.monotonic()
        self._pictures += len(batch[1]) * trainer.world_size
        if trainer.loggers and trainer.global_step % EVERY == 0:
            loss = float(outputs["loss"] if isinstance(outputs, dict) else outputs)
            self._log(trainer, {"train/loss_step": loss, "lr": _rate(trainer)})

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        told = {"lr": _rate(trainer)}
        if self._began and self._pictures:  # an epoch that goes on has no beginning
            told["train/pictures_per_second"] = self._pictures / (self._trained - self._began)
        chosen_by, ranked = self.best.monitor, f"val/{self.rank}"
        scored = [row for row in self.history.rows if {ranked, chosen_by} <= row.keys()]
        if chosen_by and scored:
            best = (max if self.best.mode == "max" else min)(scored, key=lambda row: row[chosen_by])
            told[f"best/{self.rank}"] = best[ranked]
        self._log(trainer, told)

    def _log(self, trainer: pl.Trainer, told: dict[str, float]) -> None:
        for logger in trainer.loggers:
            logger.log_metrics({**told, "epoch": trainer.current_epoch + 1}, trainer.global_step - 1)


def _rate(trainer: pl.Trainer) -> float:
    return float(trainer.optimizers[0].param_groups[0]["lr"])
