"""The LightningModule: one training step for every network, target and loss."""

from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from huesweep.color.spaces import to_bytes, to_float
from huesweep.color.targets.base import Target
from huesweep.colorizer.format import DESCRIPTION
from huesweep.data.tasks.base import Task
from huesweep.losses.base import Loss, check_fit
from huesweep.metrics.scores import Scores
from huesweep.models.network import Network
from huesweep.training.optimizers import Recipe

MakeRecipe = Callable[[Iterable[nn.Parameter], int], Recipe]


class ColorizationModule(pl.LightningModule):
    """Trains `network` so that its outputs for a task's input come close to the encoded picture.

    make_recipe: gives the optimizer for parameters and a number of steps. description: plain values that tell how to
    build network, task and target again; it goes into every checkpoint. Raises UsageError if the loss doesn't fit.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        target: Target,
        loss: Loss,
        make_recipe: MakeRecipe,
        description: dict[str, Any],
    ) -> None:
        super().__init__()
        check_fit(loss, target)
        self.network: Network = network.to(memory_format=torch.channels_last)
        self.task = task
        self.target = target
        self.loss = loss
        self.make_recipe = make_recipe
        self.description = description
        self.scores = Scores(has_classes=target.encoding == "classes")

    def forward(self, rgb: Tensor) -> Tensor:
        """The network's pictures of pictures: (N, 3, H, W) float in [0, 1] to the same."""
        inputs = self.task.input(rgb)
        return self.target.decode(self.network(inputs), self.task.kept_lightness(inputs))

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        inputs, encoded = self._prepare(batch)
        loss = self._loss(self.network(inputs), encoded, inputs)
        self.log("train/loss", loss.detach(), on_step=False, on_epoch=True, batch_size=len(batch), sync_dist=True)
        penalty = self.network.penalty()
        return loss if penalty is None else loss + penalty

    def validation_step(self, batch: Tensor, batch_index: int) -> None:
        inputs, encoded = self._prepare(batch)
        outputs = self.network(inputs)
        with self._full_precision():
            outputs = outputs.float()
            loss = self._loss(outputs, encoded, inputs)
            self.log("val/loss", loss, on_epoch=True, batch_size=len(batch), sync_dist=True)
            predicted = self.target.decode(outputs, self.task.kept_lightness(inputs))
            self.scores.update(to_bytes(predicted), batch, outputs, encoded)

    def _prepare(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        with self._full_precision():
            rgb = to_float(batch)
            return self.task.input(rgb), self.target.encode(rgb)

    def _loss(self, outputs: Tensor, encoded: Tensor, inputs: Tensor) -> Tensor:
        if not self.loss.needs_lightness:
            return self.loss(outputs, encoded)
        with self._full_precision():
            return self.loss(outputs.float(), encoded, self.task.kept_lightness(inputs))

    def _full_precision(self) -> torch.autocast:
        """Colors are converted and scored in float32, also where the network computes in less."""
        return torch.autocast(self.device.type, enabled=False)

    def on_validation_epoch_end(self) -> None:
        self.log_dict({f"val/{name}": value for name, value in self.scores.compute().items()})

    def configure_optimizers(self) -> Any:
        steps = int(self.trainer.estimated_stepping_batches)
        recipe = self.make_recipe(self.network.parameters(), steps)
        if recipe.schedule is None:
            return recipe.optimizer
        return {"optimizer": recipe.optimizer, "lr_scheduler": {"scheduler": recipe.schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[DESCRIPTION] = self.description
