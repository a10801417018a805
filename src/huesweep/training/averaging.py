"""Averages of the weights over the steps of training."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
from pydantic import validate_call
from pytorch_lightning.callbacks import WeightAveraging
from torch import Tensor

from huesweep.ranges import Share, Whole
from huesweep.registry import CHECKS


class WeightsAverage(WeightAveraging):
    """Keeps an exponential moving average of the weights, validates it and puts it into checkpoints (Polyak 1992).

    decay: of what was averaged so far, a step; 0.999 spans about 1,000 steps. start: the step from which on; until then
    the weights are validated and kept as they are.
    """

    @validate_call(config=CHECKS)
    def __init__(self, decay: Share, start: Whole) -> None:
        def closer(average: Tensor, current: Tensor, _: Any) -> Tensor:
            """What doesn't change, as a palette, stays exactly what it is."""
            is_averaged = self._has_begun and average.is_floating_point()
            return average.lerp(current, 1 - decay) if is_averaged else current

        super().__init__(avg_fn=closer)
        self.start = start
        self._has_begun = False

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        self._has_begun = step_idx is not None and step_idx > self.start
        return step_idx is not None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Make the average where the weights are going to be: Lightning moves them later."""
        super().setup(trainer, pl_module, stage)
        if self._average_model is not None:
            self._average_model.to(trainer.strategy.root_device)


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
