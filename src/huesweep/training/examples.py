"""Grids of example pictures over the epochs: what the network saw, what it made of it, and the truth."""

import io
import math
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
import torch
from pydantic import validate_call
from torch import Tensor

from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.colorizer import Colorizer, evaluating
from huesweep.io.atomic import write_atomically
from huesweep.io.pictures import open_picture
from huesweep.metrics.fidelity import psnr_per_picture
from huesweep.ranges import Count, Whole
from huesweep.registry import CHECKS
from huesweep.training.averaging import averaged_weights
from huesweep.training.loggers import log_pictures, log_table
from huesweep.training.plots import as_picture, beside, draw_grid, draw_palette, draw_rows


class ExampleGrids(pl.Callback):
    """Draws a grid after chosen epochs into pictures/ and wandb, and the palette once.

    folder: of the trial. pictures: uint8 (N, 3, H, W), to choose from. count: how many to show, evenly spaced. every:
    epochs between grids; the first and the last epoch always get one; 0 for these alone. layout: what each kind of
    picture (gray, predicted, palette truth, original) has for itself, a column or a row.
    """

    @validate_call(config=CHECKS)
    def __init__(
        self, folder: Path, pictures: Tensor, count: Count, every: Whole, layout: Literal["columns", "rows"]
    ) -> None:
        self.folder = folder / "pictures"
        self.pictures = evenly_spaced(pictures, count)
        self.every = every
        self.draw = draw_grid if layout == "columns" else draw_rows
        self._epoch = 0
        self._is_done = False

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        colors = _colorizer(module).target.palette()
        if trainer.is_global_zero and colors is not None:
            png = draw_palette(colors)
            self._write("palette", png)
            shown = open_picture(io.BytesIO(png), math.inf)
            log_pictures(trainer.loggers, "palette", [shown], [f"{len(colors)} colors"], trainer.global_step)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._epoch = trainer.current_epoch + 1
        is_last = self._epoch == trainer.max_epochs or trainer.should_stop
        if self._epoch == 1 or is_last or (self.every > 0 and self._epoch % self.every == 0):
            self._show(trainer, module, is_last=is_last)

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """What ends training by a score is asked after all others."""
        if self._epoch and not self._is_done:
            self._show(trainer, module, is_last=True)

    def _show(self, trainer: pl.Trainer, module: pl.LightningModule, *, is_last: bool) -> None:
        self._is_done = is_last
        if trainer.is_global_zero:
            with averaged_weights(trainer, module):
                columns = example_columns(_colorizer(module), self.pictures.to(module.device))
            self._write(f"epoch-{self._epoch:04d}", self.draw(columns))
            self._log(trainer, columns, is_last=is_last)

    def _log(self, trainer: pl.Trainer, columns: dict[str, Tensor], *, is_last: bool) -> None:
        """Each example as a captioned row of its pictures; after the last epoch, all in a table with their scores."""
        if not trainer.loggers:
            return
        scores = psnr_per_picture(to_bytes(columns["predicted"]), to_bytes(columns["original"])).tolist()
        cells = {title: list(map(as_picture, pictures)) for title, pictures in columns.items()}
        rows = [beside([*pictures]) for pictures in zip(*cells.values(), strict=True)]
        captions = [f"{', '.join(columns)}: {score:.2f} dB" for score in scores]
        step = trainer.global_step - 1
        log_pictures(trainer.loggers, "examples", rows, captions, step)
        if is_last:
            table = [[*pictures, score] for *pictures, score in zip(*cells.values(), scores, strict=True)]
            log_table(trainer.loggers, "examples_table", [*columns, "psnr"], table)

    def _write(self, name: str, png: bytes) -> None:
        write_atomically(self.folder / f"{name}.png", lambda file: file.write(png))


def _colorizer(module: pl.LightningModule) -> Colorizer:
    assert isinstance(module.colorizer, Colorizer)
    return module.colorizer


def evenly_spaced(pictures: Tensor, count: int) -> Tensor:
    """As many of N pictures, from the first to the last; all where there are fewer."""
    return pictures[torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).long()]


@torch.inference_mode()
def example_columns(colorizer: Colorizer, pictures: Tensor) -> dict[str, Tensor]:
    """What a grid shows of uint8 pictures, by title: gray, predicted, palette truth (for palettes), original."""
    rgb = to_float(pictures)
    inputs = colorizer.task.input(rgb)
    columns = {colorizer.task.shown_as: colorizer.task.view(inputs)}
    columns |= {title: colorizer.task.baselines(inputs)[title] for title in colorizer.task.shown_beside}
    with evaluating(colorizer):
        columns["predicted"] = colorizer.predict(rgb)
    if colorizer.target.palette() is not None:
        columns["palette truth"] = colorizer.ceiling(rgb)
    return {**columns, "original": rgb}
