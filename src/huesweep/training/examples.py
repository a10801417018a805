"""Grids of example pictures over the epochs: what the network saw, what it made of it, and the truth."""

import io
import math
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pydantic import validate_call
from torch import Tensor

from huesweep.color.spaces import to_float
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically
from huesweep.io.pictures import open_picture
from huesweep.ranges import Count, Whole
from huesweep.registry import CHECKS
from huesweep.training.averaging import averaged_weights
from huesweep.training.loggers import log_pictures
from huesweep.training.plots import draw_grid, draw_palette


class ExampleGrids(pl.Callback):
    """Draws a grid after chosen epochs into pictures/ and wandb, and the palette once.

    folder: of the trial. pictures: uint8 (N, 3, H, W), to choose from. count: how many to show, evenly spaced. every:
    epochs between grids; the first and the last epoch always get one; 0 for these alone.
    """

    @validate_call(config=CHECKS)
    def __init__(self, folder: Path, pictures: Tensor, count: Count, every: Whole) -> None:
        self.folder = folder / "pictures"
        self.pictures = evenly_spaced(pictures, count)
        self.every = every

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        colors = _colorizer(module).target.palette()
        if trainer.is_global_zero and colors is not None:
            self._keep(trainer, "palette", draw_palette(colors), {})

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        epoch = trainer.current_epoch + 1
        is_due = epoch == 1 or epoch == trainer.max_epochs or (self.every > 0 and epoch % self.every == 0)
        if trainer.is_global_zero and is_due:
            with averaged_weights(trainer, module):
                columns = example_columns(_colorizer(module), self.pictures.to(module.device))
            grid = draw_grid(columns)
            self._keep(trainer, f"epoch-{epoch:04d}", grid, {"epoch": epoch})

    def _keep(self, trainer: pl.Trainer, name: str, png: bytes, also: dict[str, Any]) -> None:
        write_atomically(self.folder / f"{name}.png", lambda file: file.write(png))
        key = "palette" if name == "palette" else "examples"
        log_pictures(trainer, key, open_picture(io.BytesIO(png), math.inf), also)


def _colorizer(module: pl.LightningModule) -> Colorizer:
    assert isinstance(module.colorizer, Colorizer)
    return module.colorizer


def evenly_spaced(pictures: Tensor, count: int) -> Tensor:
    """As many of N pictures, from the first to the last; all where there are fewer."""
    return pictures[torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).long()]


@torch.inference_mode()
def example_columns(colorizer: Colorizer, pictures: Tensor) -> dict[str, Tensor]:
    """What a grid shows of uint8 pictures, by title: gray, predicted, palette truth (for palettes), original."""
    was_training = colorizer.training
    colorizer.eval()
    rgb = to_float(pictures)
    inputs = colorizer.task.input(rgb)
    columns = {colorizer.task.shown_as: colorizer.task.view(inputs), "predicted": colorizer.predict(rgb)}
    if colorizer.target.palette() is not None:
        columns["palette truth"] = colorizer.ceiling(rgb)
    colorizer.train(was_training)
    return {**columns, "original": rgb}
