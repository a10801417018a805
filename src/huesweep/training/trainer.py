"""Lightning's Trainer with what every trial needs, and its complaints in words."""

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException

from huesweep.errors import UsageError, unknown
from huesweep.registry import check_arguments
from huesweep.training.checkpoints import AtomicCheckpointIO
from huesweep.training.quiet import quiet_lightning

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")  # what the network computes in; colors are always 32 bits
ACCELERATORS = ("auto", "cpu", "cuda", "gpu")


def make_trainer(options: Mapping[str, Any], **also: Any) -> pl.Trainer:
    """A Trainer with `options` (conf/trainer), beside those that the suite decides; also: further ones of its own.

    Raises UsageError for options that the Trainer refuses.
    """
    quiet_lightning()
    check_arguments(pl.Trainer, options, "trainer")
    _check(options)
    accelerator = options["accelerator"]
    if accelerator == "auto":  # Lightning's own choice would take Apple's GPU, which has no float64 to score with
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    is_parallel = options.get("strategy") == "ddp"
    try:
        return pl.Trainer(
            **{**options, "accelerator": accelerator, "devices": options["devices"] if is_parallel else 1},
            **also,
            sync_batchnorm=is_parallel and accelerator == "cuda",  # there is none for CPUs
            plugins=[AtomicCheckpointIO()],
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
    except (ValueError, TypeError, MisconfigurationException) as error:
        raise UsageError(f"trainer: {error}") from None


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what the Trainer would take and a trial can't be done with."""
    epochs, every = options["max_epochs"], options["check_val_every_n_epoch"]
    if epochs is None or epochs < 1:
        raise UsageError(f"trainer.max_epochs must be at least 1, not {epochs}")
    if every is None or not 1 <= every <= epochs:
        raise UsageError(f"trainer.check_val_every_n_epoch must be from 1 to max_epochs={epochs}, not {every}")
    if options["limit_train_batches"] == 0 or options.get("fast_dev_run"):
        raise UsageError("trainer: limit_train_batches=0 and fast_dev_run leave nothing to score; try max_epochs=1")
    if options["precision"] not in PRECISIONS:
        raise unknown("trainer.precision", options["precision"], PRECISIONS)
    if options["accelerator"] not in ACCELERATORS:
        raise unknown("trainer.accelerator", options["accelerator"], ACCELERATORS)
    devices = options["devices"]
    if options.get("strategy") not in (None, "auto", "ddp"):
        raise unknown("trainer.strategy", options["strategy"], ("auto", "ddp"))
    if options.get("strategy") == "ddp":
        if devices != "auto" and (not isinstance(devices, int) or devices < 1):
            raise UsageError(f"trainer.devices must be auto or a whole number from 1, not {devices}")
    elif devices not in (1, "1", "auto"):
        raise UsageError(f"trainer.devices={devices}: several devices for one trial need trainer=ddp")
