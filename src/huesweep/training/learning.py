"""What every module that trains has in common: its optimizer, and its loss, over interruptions too."""

from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics import Metric

from huesweep.errors import UsageError
from huesweep.training.limits import planned_steps
from huesweep.training.optimizers import Recipe

MakeRecipe = Callable[[Iterable[nn.Parameter], int], Recipe]


class MeanLoss(Metric):
    """The mean over pictures of batches' means; torchmetrics' own leaves weights out where it looks for no NaN."""

    full_state_update = False

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros(()), "sum")
        self.add_state("pictures", torch.zeros(()), "sum")
        self.total: Tensor
        self.pictures: Tensor

    def update(self, loss: Tensor, pictures: int) -> None:
        """loss: of so many pictures, their mean."""
        self.total += loss * pictures
        self.pictures += pictures

    def compute(self) -> Tensor:
        return self.total / self.pictures


class LearningModule(pl.LightningModule):
    """Moves the weights that `learned` gives, and keeps the mean loss of an epoch in `mean_loss`.

    make_recipe: gives the optimizer for parameters and a number of steps.
    """

    def __init__(self, make_recipe: MakeRecipe) -> None:
        super().__init__()
        self.make_recipe = make_recipe
        self.mean_loss = MeanLoss()

    def learned(self) -> Iterable[nn.Parameter]:
        """The weights that training may change."""
        raise NotImplementedError

    def loss_so_far(self) -> tuple[float, float]:
        """The sum of the pictures' losses in this epoch, on this process, and their number."""
        return float(self.mean_loss.total), float(self.mean_loss.pictures)

    def go_on_with_loss(self, total: float, count: float) -> None:
        """Count losses from before an interruption in."""
        self.mean_loss.total.fill_(total)
        self.mean_loss.pictures.fill_(count)

    def on_train_epoch_end(self) -> None:
        self.log("epoch", float(self.current_epoch + 1))  # for loggers; Lightning would count from 0

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Raises UsageError where a schedule is over before training is."""
        try:
            super().lr_scheduler_step(scheduler, metric)
        except ValueError as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"scheduler: it ends before training does ({reason})") from None

    def configure_optimizers(self) -> Any:
        steps = planned_steps(self.trainer)
        recipe = self.make_recipe([value for value in self.learned() if value.requires_grad], steps)
        if recipe.schedule is None:
            return recipe.optimizer
        return {
            "optimizer": recipe.optimizer,
            "lr_scheduler": {"scheduler": recipe.schedule, "interval": recipe.interval},
        }
