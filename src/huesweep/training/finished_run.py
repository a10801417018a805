"""The run in Weights & Biases of a trial that has finished: found again, and told more."""

import io
import math
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.pictures import open_picture
from huesweep.registry import CHECKS

ID = "wandb-id.txt"


def run_id(trial: Path) -> str:
    """The id of a trial's run, made up at its first start."""
    path = trial / ID
    if os.environ.get("WANDB_SWEEP_ID") and os.environ.get("WANDB_RUN_ID"):
        write_text_atomically(path, os.environ["WANDB_RUN_ID"])  # wandb's agent has named the run
    elif not path.exists():
        write_text_atomically(path, secrets.token_hex(8))
    return path.read_text()


@dataclass(frozen=True, config=CHECKS)
class LaterOptions:
    """Options of commands that log into the run of a finished trial. wandb: None doesn't."""

    wandb: Literal["offline", "online"] | None
    project: str
    entity: str | None


def has_run(trial: Path) -> bool:
    """Whether a trial had a run."""
    return (trial / ID).exists()


def check_has_run(trial: Path) -> None:
    """Raise UsageError where a trial had no run."""
    if not has_run(trial):
        raise UsageError(f"wandb: {trial} had no run in wandb (no {ID}): it was trained without")


def log_later(trial: Path, options: LaterOptions, summary: Mapping[str, Any], pictures: Mapping[str, bytes]) -> None:
    """Add to the summary, and PNG pictures by name, of the run of a trial that has finished.

    Where the run is, is for whoever asks to say, and not for the trial's folder, which may be a stranger's. Raises
    UsageError where the trial had none or wandb can't be reached.
    """
    check_has_run(trial)
    import wandb

    try:
        run = wandb.init(
            project=options.project,
            entity=options.entity,
            id=run_id(trial),
            dir=str(trial.parent.absolute()),  # its process may have started in another folder
            mode=options.wandb,
            resume="must" if options.wandb == "online" else None,  # elsewhere it would be a new one, with this alone
            settings=wandb.Settings(silent=True),
        )
        run.summary.update(dict(summary))
        if pictures:
            run.log({name: wandb.Image(open_picture(io.BytesIO(png), math.inf)) for name, png in pictures.items()})
        run.finish()
    except wandb.errors.Error as error:
        raise UsageError(f"wandb={options.wandb}: {error} (log in with `wandb login`, or use offline)") from None
