"""Runs in wandb: one a trial, the same one again when a trial resumes."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import wandb
from PIL import Image
from pytorch_lightning.loggers import WandbLogger

from huesweep.errors import UsageError, unknown
from huesweep.io.atomic import write_text_atomically
from huesweep.io.redacted import redact

MODES = ("offline", "online", "disabled")


def make_logger(
    trial: Path,
    config: dict[str, Any],
    mode: str,
    project: str,
    entity: str | None,
    group: str,
    tags: list[str],
) -> WandbLogger | None:
    """The wandb run of a trial, or None where mode is `disabled`. Offline runs need no account and ask nothing.

    trial: the trial's folder. It names the run and remembers its id; wandb/ goes beside it, one for all trials there.
    Raises UsageError for another mode.
    """
    if check_mode(mode) == "disabled":
        return None
    trial.parent.mkdir(parents=True, exist_ok=True)
    try:
        run = _start(trial, config, mode, project, entity, group, tags)
    except wandb.errors.Error as error:
        raise UsageError(f"logger.wandb.mode={mode}: {error} (log in with `wandb login`, or use offline)") from None
    return WandbLogger(experiment=run)


def _start(
    trial: Path, config: dict[str, Any], mode: str, project: str, entity: str | None, group: str, tags: list[str]
) -> Any:
    return wandb.init(
        project=project,
        entity=entity,
        group=group,
        tags=tags,
        name=trial.name,
        id=_run_id(trial),
        dir=str(trial.parent),
        mode=mode,  # type: ignore[arg-type]
        config=config,
        resume="allow" if mode == "online" else None,
        settings=wandb.Settings(
            silent=mode == "offline",
            x_disable_meta=redact(sys.argv) != sys.argv,  # which holds the command line
        ),
    )


def check_mode(mode: str) -> str:
    """Give the mode back, or raise UsageError with the ones there are."""
    if mode not in MODES:
        raise unknown("logger.wandb.mode", mode, MODES)
    return mode


def _run_id(trial: Path) -> str:
    if os.environ.get("WANDB_SWEEP_ID") and os.environ.get("WANDB_RUN_ID"):
        return os.environ["WANDB_RUN_ID"]  # wandb's agent has named the run
    path = trial / "wandb-id.txt"
    if not path.exists():
        write_text_atomically(path, secrets.token_hex(8))
    return path.read_text()


def log_pictures(trainer: pl.Trainer, key: str, picture: Image.Image, also: dict[str, Any]) -> None:
    """Show a picture under `key` in the trainer's wandb run, if it has one."""
    if isinstance(trainer.logger, WandbLogger):
        trainer.logger.log_image(key, [picture], step=trainer.global_step, **({"caption": [str(also)]} if also else {}))
