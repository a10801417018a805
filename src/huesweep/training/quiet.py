"""Keeping the remarks of libraries about choices that were made on purpose out of the terminal."""

import logging
import warnings

ON_PURPOSE = (
    ".*LeafSpec.*is deprecated.*",  # inside Lightning
    ".*does not have many workers.*",  # batches are cut on the device
    ".*was configured so 100%.*",
    ".*Checkpoint directory .* exists and is not empty.*",  # a trial that goes on
    ".*ended before the epoch ended and your dataloader is not resumable.*",  # it is: see SaveOnSignal
    ".*It is recommended to use .*sync_dist=True.*",  # the metrics have summed over processes themselves
    ".*The `srun` command is available.*",
    ".*module.s. in eval mode at the start of training.*",  # a frozen encoder
)


def quiet_lightning() -> None:
    """Leave warnings and errors of Lightning's, drop its tips and the warnings about what is on purpose."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    logging.getLogger("ray._private.authentication").setLevel(logging.ERROR)  # its tokens are made by themselves
    for message in ON_PURPOSE:
        warnings.filterwarnings("ignore", message)
