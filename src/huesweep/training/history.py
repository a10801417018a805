"""The curves of a run: one row an epoch in metrics.csv, drawn as curves.png."""

import time
from pathlib import Path

import pytorch_lightning as pl
from pytorch_lightning.loggers import WandbLogger

from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.tables import as_csv
from huesweep.training.metrics_file import Row, read_history
from huesweep.training.plots import draw_curves
from huesweep.training.wandb_run import log_earlier

REDRAW = 30.0  # seconds between drawings of the curves


class History(pl.Callback):
    """Keeps every logged number of every epoch, also over interruptions.

    folder: of the trial; metrics.csv is rewritten after each epoch, pictures/curves.png now and then and at the end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = read_history(folder)
        self._started = 0.0
        self._earlier: float | None = None
        self._drawn = time.monotonic()
        self._is_drawn = False

    @property
    def seconds(self) -> float:
        """Time spent in training, and in what follows each epoch, up to the last one; before interruptions too."""
        return self.rows[-1]["seconds"] if self.rows else 0.0

    def state_dict(self) -> dict[str, float]:
        """In checkpoints: the time so far, also of an epoch that was cut off."""
        return {"seconds": self._so_far()}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self._earlier = state["seconds"]

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        # A checkpoint may be older than the table: what came after it is about to be trained again.
        self.rows = [row for row in self.rows if row["epoch"] <= trainer.current_epoch]
        if trainer.is_global_zero:
            for logger in trainer.loggers:
                if isinstance(logger, WandbLogger):
                    log_earlier(logger, self.rows)
        self._earlier = self.seconds if self._earlier is None else self._earlier
        self._started = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        row: Row = {"epoch": trainer.current_epoch + 1, "step": trainer.global_step}
        validated = (trainer.current_epoch + 1) % (trainer.check_val_every_n_epoch or 1) == 0
        row |= {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            # Validation scores of an earlier epoch are still there.
            if "/" in name and (validated or not name.startswith(("val/", "test/")))
        }
        row["lr"] = trainer.optimizers[0].param_groups[0]["lr"]
        row["seconds"] = round(self._so_far(), 3)
        self.rows.append(row)
        write_text_atomically(self.folder / "metrics.csv", as_csv(self.rows))
        self._is_drawn = False
        if time.monotonic() - self._drawn > REDRAW:
            self._draw()

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if trainer.is_global_zero and self.rows and not self._is_drawn:
            self._draw()

    def _so_far(self) -> float:
        return (self._earlier or 0.0) + (time.monotonic() - self._started if self._started else 0.0)

    def _draw(self) -> None:
        self._drawn, self._is_drawn = time.monotonic(), True
        curves = draw_curves(self.rows)
        write_atomically(self.folder / "pictures" / "curves.png", lambda file: file.write(curves))
