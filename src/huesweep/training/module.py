"""The LightningModule: one training step for every colorizer and loss."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from huesweep.color.spaces import to_bytes
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.format import DESCRIPTION, renamed
from huesweep.losses.base import Loss, check_fit
from huesweep.metrics.scores import Scores
from huesweep.models.network import Encoded
from huesweep.training.learning import LearningModule, MakeRecipe
from huesweep.training.options import LOGGED_AS, Watched

Pair = tuple[Tensor | Encoded, Tensor]  # the task's input, float, or with its maps; the picture, uint8 (n, 3, H, W)


class ColorizationModule(LearningModule):
    """Trains a colorizer so that its outputs for an input come close to the encoded picture.

    make_recipe: gives the optimizer for parameters and a number of steps. watched: the split that is scored after each
    epoch. Raises UsageError if the loss doesn't fit.
    """

    def __init__(
        self, colorizer: Colorizer, loss: Loss, make_recipe: MakeRecipe, watched: Watched = "validation"
    ) -> None:
        super().__init__(make_recipe)
        check_fit(loss, colorizer.target)
        self.colorizer = colorizer
        self.loss = loss
        self.watched = LOGGED_AS[watched]
        self.scores = Scores(has_palette=colorizer.target.encoding == "classes")

    def forward(self, rgb: Tensor) -> Tensor:
        """The colorizer's pictures of pictures: (N, 3, H, W) float in [0, 1] to the same."""
        return self.colorizer.predict(rgb)

    def training_step(self, batch: Pair, batch_index: int) -> Tensor:
        inputs, pictures = batch
        loss = self._loss(self.colorizer(inputs), self._encode(pictures), _alone(inputs))
        self.mean_loss.update(loss.detach(), len(pictures))
        self.log("train/loss", self.mean_loss, on_step=False, on_epoch=True)
        penalty = self.colorizer.penalty()
        return loss if penalty is None else loss + penalty

    def learned(self) -> Iterable[nn.Parameter]:
        return self.colorizer.network.parameters()

    def validation_step(self, batch: Pair, batch_index: int) -> None:
        inputs, pictures = batch
        self._judge(self.colorizer(inputs), _alone(inputs), pictures, f"{self.watched}/loss")

    def test_step(self, batch: Pair, batch_index: int) -> None:
        inputs, pictures = batch
        with self._full_precision():  # as whoever loads the checkpoint computes
            self._judge(self.colorizer(inputs), _alone(inputs), pictures, "test/loss")

    def _judge(self, outputs: Tensor, inputs: Tensor, pictures: Tensor, name: str) -> None:
        encoded = self._encode(pictures)
        with self._full_precision():
            outputs = outputs.float()
            loss = self._loss(outputs, encoded, inputs)
            self.log(name, loss, on_epoch=True, batch_size=len(pictures), sync_dist=True)
            self.scores.update(to_bytes(self.colorizer.decode(outputs, inputs)), pictures, outputs, encoded)

    def _encode(self, pictures: Tensor) -> Tensor:
        with self._full_precision():
            return self.colorizer.target.encode_bytes(pictures)

    def _loss(self, outputs: Tensor, encoded: Tensor, inputs: Tensor) -> Tensor:
        if not self.loss.needs_lightness:
            return self.loss(outputs, encoded)
        with self._full_precision():
            return self.loss(outputs.float(), encoded, self.colorizer.task.kept_lightness(inputs))

    def _full_precision(self) -> torch.autocast:
        """Colors are converted and scored in float32, also where the network computes in less."""
        return torch.autocast(self.device.type, enabled=False)

    def on_validation_epoch_end(self) -> None:
        self.log("epoch", float(self.current_epoch + 1))
        self.log_dict({f"{self.watched}/{name}": value for name, value in self.scores.compute().items()})

    def on_test_epoch_end(self) -> None:
        self.log_dict({f"test/{name}": value for name, value in self.scores.compute().items()})

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[DESCRIPTION] = self.colorizer.description

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["state_dict"] = renamed(checkpoint["state_dict"])


def _alone(inputs: Tensor | Encoded) -> Tensor:
    return inputs.input if isinstance(inputs, Encoded) else inputs
