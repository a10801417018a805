"""Squared difference of predicted and true values where it is small, absolute where it is large."""

from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.losses.difference import DifferenceLoss


class HuberLoss(DifferenceLoss):
    """Half the squared difference up to `delta`, in the target's units, and linear from there (Huber 1964).

    saturation: see DifferenceLoss.
    """

    name = "huber"

    def __init__(self, saturation: float, delta: float) -> None:
        super().__init__(saturation)
        if not delta > 0:
            raise UsageError(f"loss.delta must be above 0, not {delta}")
        self.delta = delta

    def difference(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.huber_loss(outputs, encoded, reduction="none", delta=self.delta)
