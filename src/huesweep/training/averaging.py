"""Averages of the weights over the steps of training."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytorch_lightning as pl
from pydantic import validate_call
from pytorch_lightning.callbacks import EMAWeightAveraging, WeightAveraging

from huesweep.ranges import Share, Whole
from huesweep.registry import CHECKS


class WeightsAverage(EMAWeightAveraging):
    """Keeps an exponential moving average of the weights, validates it and puts it into checkpoints (Polyak 1992).

    decay: of what was averaged so far, a step; 0.999 spans about 1,000 steps. start: the step from which on.
    """

    @validate_call(config=CHECKS)
    def __init__(self, decay: Share, start: Whole) -> None:
        super().__init__(decay=decay, update_starting_at_step=start)


@contextmanager
def averaged_weights(trainer: pl.Trainer, module: pl.LightningModule) -> Iterator[None]:
    """Let the module have the weights that are validated and kept: the average, where a callback keeps one."""
    average = next((callback for callback in trainer.callbacks if isinstance(callback, WeightAveraging)), None)  # type: ignore[attr-defined]
    if average is None or average._average_model is None:
        yield
        return
    average._swap_models(module)
    try:
        yield
    finally:
        average._swap_models(module)
