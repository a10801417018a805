"""What every module that trains has in common: its optimizer, and its loss, over interruptions too."""

from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
from torch import nn
from torchmetrics import MeanMetric

from huesweep.training.limits import planned_steps
from huesweep.training.optimizers import Recipe

MakeRecipe = Callable[[Iterable[nn.Parameter], int], Recipe]


class LearningModule(pl.LightningModule):
    """Moves the weights that `learned` gives, and keeps the mean loss of an epoch in `mean_loss`.

    make_recipe: gives the optimizer for parameters and a number of steps.
    """

    def __init__(self, make_recipe: MakeRecipe) -> None:
        super().__init__()
        self.make_recipe = make_recipe
        self.mean_loss = MeanMetric(nan_strategy="disable")

    def learned(self) -> Iterable[nn.Parameter]:
        """The weights that training may change."""
        raise NotImplementedError

    def loss_so_far(self) -> tuple[float, float]:
        """The sum of the pictures' losses in this epoch, on this process, and their number."""
        return float(self.mean_loss.mean_value), float(self.mean_loss.weight)

    def go_on_with_loss(self, total: float, count: float) -> None:
        """Count losses from before an interruption in."""
        self.mean_loss.mean_value.fill_(total)
        self.mean_loss.weight.fill_(count)

    def on_train_epoch_end(self) -> None:
        self.log("epoch", float(self.current_epoch + 1))  # for loggers; Lightning would count from 0

    def configure_optimizers(self) -> Any:
        steps = planned_steps(self.trainer)
        recipe = self.make_recipe([value for value in self.learned() if value.requires_grad], steps)
        if recipe.schedule is None:
            return recipe.optimizer
        return {
            "optimizer": recipe.optimizer,
            "lr_scheduler": {"scheduler": recipe.schedule, "interval": recipe.interval},
        }
