"""Stopping a run whose loss is no longer a number."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from huesweep.errors import UsageError

EVERY = 20  # steps between looks: each look waits for the device


class StopOnNonFiniteLoss(pl.Callback):
    """Raises UsageError soon after the first NaN or infinite loss, always before the epoch's checkpoint is written."""

    def __init__(self) -> None:
        self._worst: Tensor | None = None

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        loss = (outputs["loss"] if isinstance(outputs, dict) else outputs).detach()
        self._worst = loss if self._worst is None else torch.maximum(self._worst, loss)  # NaN wins every maximum
        if trainer.global_step % EVERY == 0 or trainer.is_last_batch:
            if not bool(torch.isfinite(self._worst)):
                raise UsageError(
                    f"the loss became {float(self._worst)} in epoch {trainer.current_epoch + 1}, by step "
                    f"{trainer.global_step}: training stopped; try a lower optimizer.lr, now "
                    f"{max(group['lr'] for group in trainer.optimizers[0].param_groups):.3g}"
                )
            self._worst = None
