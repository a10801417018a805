"""Lightning's Trainer with what every trial needs, and its complaints in words."""

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.utilities.exceptions import MisconfigurationException

from src.build import check_options
from src.errors import UsageError
from src.training.checkpoints import AtomicCheckpointIO
from src.training.quiet import quiet_lightning


def make_trainer(options: Mapping[str, Any], **also: Any) -> pl.Trainer:
    """A Trainer with `options` (conf/trainer), beside those that the suite decides; also: further ones of its own.

    Raises UsageError for options that the Trainer refuses.
    """
    quiet_lightning()
    check_options(pl.Trainer, options, "trainer")
    try:
        return pl.Trainer(
            **options,
            **also,
            plugins=[AtomicCheckpointIO()],
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
    except (ValueError, TypeError, MisconfigurationException) as error:
        raise UsageError(f"trainer: {error}") from None
