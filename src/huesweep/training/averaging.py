"""Averages of the weights over the steps of training."""

from pytorch_lightning.callbacks import EMAWeightAveraging

from huesweep.errors import UsageError


class WeightsAverage(EMAWeightAveraging):
    """Keeps an exponential moving average of the weights, validates it and puts it into checkpoints (Polyak 1992).

    decay: of what was averaged so far, a step; 0.999 spans about 1,000 steps. start: the step from which on. Raises
    UsageError for values outside these.
    """

    def __init__(self, decay: float, start: int) -> None:
        if not 0 <= decay < 1:
            raise UsageError(f"callbacks.average.decay must be at least 0 and below 1, not {decay}")
        if start < 0:
            raise UsageError(f"callbacks.average.start must be at least 0, not {start}")
        super().__init__(decay=decay, update_starting_at_step=start)
