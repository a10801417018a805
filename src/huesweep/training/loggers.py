"""Where a trial's numbers and pictures go beside its folder: wandb, one run a trial, and what else is configured."""

import os
import secrets
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
import wandb
from PIL import Image
from pydantic.dataclasses import dataclass
from pytorch_lightning.loggers import Logger, WandbLogger

from huesweep.configuration import TARGET, check_call, make_call
from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.redacted import redact
from huesweep.registry import CHECKS, call
from huesweep.resources import CONF

WANDB = "wandb"  # the logger that the suite sets up itself; the others say in TARGET what they are


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


@dataclass(frozen=True, config=CHECKS)
class WandbOptions:
    """conf/logger/wandb.yaml."""

    mode: Literal["offline", "online", "disabled"]
    project: str
    entity: str | None
    group: str
    tags: list[str]


def make_wandb(trial: Path, config: dict[str, Any], options: WandbOptions) -> WandbLogger | None:
    """The wandb run of a trial, or None where mode is `disabled`. Offline runs need no account and ask nothing.

    trial: the trial's folder. It names the run and remembers its id; wandb/ goes beside it, one for all trials there.
    Raises UsageError where wandb can't be reached.
    """
    if options.mode == "disabled":
        return None
    trial.parent.mkdir(parents=True, exist_ok=True)
    try:
        run = wandb.init(
            project=options.project,
            entity=options.entity,
            group=options.group,
            tags=options.tags,
            name=trial.name,
            id=_run_id(trial),
            dir=str(trial.parent),
            mode=options.mode,
            config=config,
            resume="allow" if options.mode == "online" else None,
            settings=wandb.Settings(
                silent=options.mode == "offline",
                x_disable_meta=redact(sys.argv) != sys.argv,  # which holds the command line
            ),
        )
    except wandb.errors.Error as error:
        raise UsageError(
            f"logger.wandb.mode={options.mode}: {error} (log in with `wandb login`, or use offline)"
        ) from None
    return WandbLogger(experiment=run)


def _run_id(trial: Path) -> str:
    if os.environ.get("WANDB_SWEEP_ID") and os.environ.get("WANDB_RUN_ID"):
        return os.environ["WANDB_RUN_ID"]  # wandb's agent has named the run
    path = trial / "wandb-id.txt"
    if not path.exists():
        write_text_atomically(path, secrets.token_hex(8))
    return path.read_text()


def finish_loggers(loggers: list[Logger], *, failed: bool) -> None:
    """End the runs that loggers keep open."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            wandb.finish(exit_code=1 if failed else 0)
        else:
            logger.finalize("failed" if failed else "success")


def log_summary(loggers: list[Logger], summary: dict[str, Any]) -> None:
    """Note what a trial came to in the runs that have a place for it."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.summary.update(summary)


def log_pictures(trainer: pl.Trainer, key: str, picture: Image.Image, also: dict[str, Any]) -> None:
    """Show a picture under `key` in the trainer's wandb run, if it has one."""
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            logger.log_image(key, [picture], step=trainer.global_step, **({"caption": [str(also)]} if also else {}))
