"""Squared difference of predicted and true values where it is small, absolute where it is large."""

from torch import Tensor, nn

from huesweep.losses.difference import DifferenceLoss
from huesweep.ranges import NonNegative, Positive


class HuberLoss(DifferenceLoss):
    """Half the squared difference up to `delta`, in the target's units, and linear from there (Huber 1964).

    saturation: see DifferenceLoss.
    """

    name = "huber"

    def __init__(self, saturation: NonNegative, delta: Positive) -> None:
        super().__init__(saturation)
        self.delta = delta

    def difference(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.huber_loss(outputs, encoded, reduction="none", delta=self.delta)
