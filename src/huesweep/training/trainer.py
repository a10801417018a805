"""Lightning's Trainer with what every trial needs, and its complaints in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pydantic.dataclasses import dataclass

from huesweep.errors import UsageError
from huesweep.ranges import Count
from huesweep.registry import CHECKS, call, check_arguments
from huesweep.training.checkpoints import AtomicCheckpointIO
from huesweep.training.limits import StepLimit
from huesweep.training.quiet import quiet_lightning

Precision = Literal["32-true", "16-mixed", "bf16-mixed"]  # what the network computes in; colors are always 32 bits
UNLIMITED: Literal[-1] = -1  # as Lightning calls it
Accelerator = Literal["auto", "cpu", "cuda", "gpu"]


@dataclass(frozen=True, config=CHECKS)
class TrainerOptions:
    """Those of Lightning's options of which a trial can't have every value."""

    max_epochs: Count
    check_val_every_n_epoch: Count
    precision: Precision
    accelerator: Accelerator
    devices: Literal["auto"] | Count
    strategy: Literal["auto", "ddp"] = "auto"
    max_steps: Literal[-1] | Count = UNLIMITED


def make_trainer(options: Mapping[str, Any], callbacks: Sequence[pl.Callback] = (), **also: Any) -> pl.Trainer:
    """A Trainer with `options` (conf/trainer), beside those that the suite decides; also: further ones of its own.

    Raises UsageError for options that the Trainer refuses.
    """
    quiet_lightning()
    check_arguments(pl.Trainer, options, "trainer")
    chosen = _check(options)
    accelerator = options["accelerator"]
    if accelerator == "auto":  # Lightning's own choice would take Apple's GPU, which has no float64 to score with
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    is_parallel = options.get("strategy") == "ddp"
    try:
        return pl.Trainer(
            **{
                **options,
                "max_steps": -1,
                "accelerator": accelerator,
                "devices": options["devices"] if is_parallel else 1,
            },
            **also,
            callbacks=[*_limits(chosen), *callbacks],
            sync_batchnorm=is_parallel and accelerator == "cuda",  # there is none for CPUs
            plugins=[AtomicCheckpointIO()],
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
    except (ValueError, TypeError, MisconfigurationException) as error:
        raise UsageError(f"trainer: {error}") from None


def _limits(options: TrainerOptions) -> list[pl.Callback]:
    return [] if options.max_steps == UNLIMITED else [StepLimit(options.max_steps)]


def _check(options: Mapping[str, Any]) -> TrainerOptions:
    """Refuse what the Trainer would take and a trial can't be done with."""
    narrowed = {name: value for name, value in options.items() if name in TrainerOptions.__annotations__}
    chosen: TrainerOptions = call(TrainerOptions, narrowed, "trainer")
    epochs, every = chosen.max_epochs, chosen.check_val_every_n_epoch
    if every > epochs:
        raise UsageError(f"trainer.check_val_every_n_epoch={every} must be at most max_epochs={epochs}")
    if options["limit_train_batches"] == 0 or options.get("fast_dev_run"):
        raise UsageError("trainer: limit_train_batches=0 and fast_dev_run leave nothing to score; try max_epochs=1")
    if chosen.strategy != "ddp" and chosen.devices not in (1, "auto"):
        raise UsageError(f"trainer.devices={chosen.devices}: several devices for one trial need trainer=ddp")
    return chosen
