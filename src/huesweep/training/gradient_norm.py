"""The size of gradients, on request: callbacks=gradient_norm."""

import pytorch_lightning as pl
import torch
from pydantic import validate_call

from huesweep.ranges import Count
from huesweep.registry import CHECKS


class GradientNorm(pl.Callback):
    """Logs `train/gradient_norm`, the Euclidean norm of all gradients, before they are clipped, every so many steps."""

    @validate_call(config=CHECKS)
    def __init__(self, every: Count) -> None:
        self.every = every

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        if not trainer.loggers or trainer.global_step % self.every:
            return
        gradients = [value.grad for value in module.parameters() if value.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        for logger in trainer.loggers:
            logger.log_metrics({"train/gradient_norm": norm}, trainer.global_step)
