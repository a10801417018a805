"""Mean absolute difference of predicted and true values."""

from torch import Tensor, nn

from huesweep.losses.difference import DifferenceLoss


class L1Loss(DifferenceLoss):
    """The absolute difference, in the target's units; see DifferenceLoss."""

    name = "l1"

    def difference(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.l1_loss(outputs, encoded, reduction="none")
