"""Where a trial's numbers and pictures go beside its folder: wandb, one run a trial, and what else is configured."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pytorch_lightning.loggers import Logger, TensorBoardLogger, WandbLogger

from huesweep.configuration import TARGET, check_call, make_call
from huesweep.errors import UsageError
from huesweep.registry import call
from huesweep.resources import CONF
from huesweep.training.wandb_run import WANDB, WandbOptions, make_wandb

# wandb is imported where a trial has a run there: those without don't wait for it.


def check_loggers(configured: Mapping[str, Any]) -> None:
    """Raise UsageError for loggers that can't be made. configured: conf/logger, options by name."""
    for name, options in configured.items():
        if name == WANDB and TARGET not in options:
            call(WandbOptions, options, "logger.wandb")
        elif TARGET not in options:
            near = get_close_matches(name, [path.stem for path in (CONF / "logger").glob("*.yaml")], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise UsageError(
                f"logger.{name} has no {TARGET}{hint}: those of conf/logger are chosen with logger=, others need it"
            )
        else:
            given, places = _placed(options, "")
            check_call(given, f"logger.{name}", also=tuple(places))


def make_loggers(trial: Path, configured: Mapping[str, Any], config: dict[str, Any]) -> list[Logger]:
    """The loggers of a trial.

    trial: its folder, into which those write that name no `save_dir`. config: of the trial.
    """
    check_loggers(configured)
    loggers: list[Logger] = []
    for name, options in configured.items():
        if name == WANDB and TARGET not in options:
            logger = make_wandb(trial, config, WandbOptions(**options))
            loggers += [logger] if logger else []
            continue
        given, places = _placed(options, str(trial))
        made = make_call(given, f"logger.{name}")(**places)
        if not isinstance(made, Logger):
            raise UsageError(f"logger.{name}.{TARGET}={options[TARGET]} is no logger")
        loggers.append(made)
    return loggers


def _placed(options: Mapping[str, Any], folder: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The options that are set, and where a logger that names no place of its own writes."""
    places = {"save_dir": folder} if options.get("save_dir", "") is None else {}
    return {option: value for option, value in options.items() if option not in places}, places


def finish_loggers(loggers: Sequence[Logger], *, failed: bool) -> None:
    """End the runs that loggers keep open."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            wandb.finish(exit_code=1 if failed else 0)
        else:
            logger.finalize("failed" if failed else "success")


def log_summary(loggers: Sequence[Logger], summary: Mapping[str, float], step: int) -> None:
    """Note what a trial came to: in the summary of a wandb run, in the others at the last step."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.summary.update(dict(summary))
        else:
            logger.log_metrics(dict(summary), step)


def log_pictures(
    loggers: Sequence[Logger], key: str, pictures: Sequence[Image.Image], captions: Sequence[str], step: int
) -> None:
    """Show pictures under `key` in those loggers that can."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.log_image(key, list(pictures), step=step, caption=list(captions))
        elif isinstance(logger, TensorBoardLogger):
            for number, picture in enumerate(pictures):
                name = key if len(pictures) == 1 else f"{key}/{number + 1}"
                logger.experiment.add_image(name, np.asarray(picture.convert("RGB")), step, dataformats="HWC")


def log_table(loggers: Sequence[Logger], key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Keep a table in wandb's runs; pictures in it are Pillow's."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            cells = [[wandb.Image(cell) if isinstance(cell, Image.Image) else cell for cell in row] for row in rows]
            logger.log_table(key, columns=list(columns), data=cells)
