"""Stopping a run whose loss or weights are no longer numbers."""

import math
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from huesweep.errors import UsageError
from huesweep.training.options import LOGGED_AS

EVERY = 20  # steps between looks: each look waits for the device


class StopOnNonFinite(pl.Callback):
    """Raises UsageError soon after the first NaN or infinite loss or weight, before the epoch's checkpoint."""

    def __init__(self) -> None:
        self._worst: Tensor | None = None

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        loss = (outputs["loss"] if isinstance(outputs, dict) else outputs).detach()
        self._worst = loss if self._worst is None else torch.maximum(self._worst, loss)  # NaN wins every maximum
        if trainer.global_step % EVERY == 0 or trainer.is_last_batch:
            if not bool(torch.isfinite(self._worst)):
                raise _error(f"the loss became {float(self._worst)}", trainer)
            self._worst = None

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        for split, name in LOGGED_AS.items():
            loss = float(trainer.callback_metrics.get(f"{name}/loss", 0.0))
            if not math.isfinite(loss):
                raise _error(f"the {split} loss became {loss}", trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """The last step's loss is of the weights before it."""
        if not all(bool(values.isfinite().all()) for values in module.state_dict().values()):
            raise _error("weights became infinite or no numbers", trainer)


def _error(what: str, trainer: pl.Trainer) -> UsageError:
    rate = max(group["lr"] for group in trainer.optimizers[0].param_groups)
    return UsageError(
        f"{what} in epoch {trainer.current_epoch + 1}, by step {trainer.global_step}: training stopped; try a lower "
        f"optimizer.lr, now {rate:.3g}"
    )
