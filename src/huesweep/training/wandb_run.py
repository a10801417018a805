"""A trial's run in Weights & Biases, through Lightning's logger."""

import shlex
import sys
from pathlib import Path
from typing import Any, Literal

from hydra.core.hydra_config import HydraConfig
from pydantic import ValidationError
from pydantic.dataclasses import dataclass
from pytorch_lightning.loggers import WandbLogger

from huesweep.errors import UsageError
from huesweep.io.redacted import redact
from huesweep.metrics.catalog import CATALOG
from huesweep.registry import CHECKS
from huesweep.training.finished_run import run_id
from huesweep.training.metrics_file import Row

WANDB = "wandb"  # in conf/logger: the logger that the suite sets up itself
STEP = "trainer/global_step"  # under which Lightning tells wandb the step
BEST = {"higher": "max,last", "lower": "min,last", "neither": "last"}  # what a run's summary keeps of a score


@dataclass(frozen=True, config=CHECKS)
class WandbOptions:
    """conf/logger/wandb.yaml. log_model: keep the best checkpoint as an artifact of the run."""

    mode: Literal["offline", "online", "disabled"]
    project: str
    entity: str | None
    group: str
    tags: list[str]
    log_model: bool = False


def make_wandb(trial: Path, config: dict[str, Any], options: WandbOptions) -> WandbLogger | None:
    """The logger of a trial's run, which has begun, or None where mode is `disabled`. Offline runs need no account.

    trial: the trial's folder. It names the run and remembers its id; wandb/ goes beside it, one for all trials there.
    Raises UsageError where wandb can't be reached.
    """
    if options.mode == "disabled":
        return None
    import wandb

    trial.parent.mkdir(parents=True, exist_ok=True)
    colors = config.get("target", {}).get("colors")
    try:
        logger = WandbLogger(
            name=trial.name,
            save_dir=str(trial.parent.absolute()),  # its process may have started in another folder
            id=run_id(trial),
            project=options.project,
            entity=options.entity,
            group=options.group,
            job_type="train",
            tags=[*options.tags, *([f"{colors} colors"] if colors else [])],
            mode=options.mode,
            config={**config, "command": _command()},
            resume="allow" if options.mode == "online" else None,
            settings=wandb.Settings(
                silent=options.mode == "offline",
                x_save_requirements=False,  # a third of a second a trial; result.json has the versions that count
                x_disable_meta=redact(sys.argv) != sys.argv,  # which holds the command line
            ),
        )
        getattr(logger, "_wandb_init", {}).pop("anonymous", None)  # Lightning's own, of which wandb warns
        run = logger.experiment
    except ValidationError as error:  # of WANDB_…, in the environment
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(f"wandb refuses what it finds in the environment (WANDB_…): {wrong}") from None
    except wandb.errors.Error as error:
        raise UsageError(
            f"logger.wandb.mode={options.mode}: {error} (log in with `wandb login`, or use offline)"
        ) from None
    for name, metric in CATALOG.items():
        run.define_metric(f"val/{name}", step_metric=STEP, summary=BEST[metric.better])
        run.define_metric(f"test/{name}", step_metric=STEP)  # scored after each epoch by trainer.watch=test
    for name in ("train/loss", "val/loss"):
        run.define_metric(name, step_metric=STEP, summary=BEST["lower"])
    return logger


def _command() -> str:
    """What trains this trial again, as it was typed, or as its sweep put it together; or that Python code does."""
    if not HydraConfig.initialized():
        return "huesweep.train(…)"
    hydra = HydraConfig.get()
    return shlex.join(["python", "-m", f"src.{hydra.job.config_name}", *redact(list(hydra.overrides.task))])


def log_earlier(logger: WandbLogger, rows: list[Row]) -> None:
    """Give a run the epochs that a killed process may have kept to itself: what is logged is written late.

    rows: of the epochs before this start. A run on the server is told what it doesn't have; the file of an offline run
    begins anew at each start, and gets all.
    """
    known = logger.experiment.summary.get(STEP, -1)
    for row in rows:
        step = int(row["step"]) - 1  # as Lightning counts
        if step > known:
            logger.log_metrics({**{name: row[name] for name in row if "/" in name}, "epoch": row["epoch"]}, step)


def log_checkpoint(logger: WandbLogger, path: Path, about: dict[str, Any]) -> None:
    """Keep a checkpoint as an artifact of the run. about: plain values beside it."""
    import wandb

    artifact = wandb.Artifact(f"model-{logger.experiment.id}", type="model", metadata=about)
    artifact.add_file(str(path), name="best.ckpt")
    logger.experiment.log_artifact(artifact, aliases=["best"])
