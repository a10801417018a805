"""Lightning's Trainer with what every trial needs, and its complaints in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
import torch

from huesweep.errors import UsageError
from huesweep.registry import check_arguments
from huesweep.training.checkpoints import AtomicCheckpointIO
from huesweep.training.limits import StepLimit
from huesweep.training.options import DECIDED, TrainerOptions, check_trainer
from huesweep.training.quiet import quiet_lightning
from huesweep.training.sync_norms import SyncNorms


def make_trainer(options: Mapping[str, Any], callbacks: Sequence[pl.Callback] = (), **also: Any) -> pl.Trainer:
    """A Trainer with `options` (conf/trainer), beside those that the suite decides; also: further ones of its own.

    Raises UsageError for options that the Trainer refuses.
    """
    quiet_lightning()
    chosen = check_trainer(options)
    check_arguments(pl.Trainer, {name: value for name, value in options.items() if name != "watch"}, "trainer")
    given = {name: value for name, value in options.items() if name not in (*DECIDED, "watch")}
    accelerator = accelerator_of(chosen.accelerator)
    is_parallel = chosen.strategy == "ddp"
    in_sync = is_parallel and accelerator == "cuda"  # there is none for CPUs
    try:
        return pl.Trainer(
            **{
                **given,
                "max_steps": -1,
                "accelerator": accelerator,
                "devices": chosen.devices if is_parallel else 1,
            },
            **also,
            callbacks=[*_limits(chosen), *callbacks],
            sync_batchnorm=in_sync,
            plugins=[AtomicCheckpointIO(), *([SyncNorms()] if in_sync else [])],
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
    except Exception as error:  # Lightning's, in its own words
        raise UsageError(f"trainer: {str(error).strip().splitlines()[0]}") from None


def accelerator_of(wanted: str) -> str:
    """What `trainer.accelerator` comes to here: `cpu` or `cuda`."""
    if wanted == "auto":  # Lightning's own choice would take Apple's GPU, which has no float64 to score with
        return "cuda" if torch.cuda.is_available() else "cpu"
    return "cuda" if wanted == "gpu" else wanted


def _limits(options: TrainerOptions) -> list[pl.Callback]:
    return [] if options.max_steps == -1 else [StepLimit(options.max_steps)]
