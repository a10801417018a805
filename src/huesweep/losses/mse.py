"""Mean squared difference of predicted and true values."""

from torch import Tensor, nn

from huesweep.losses.difference import DifferenceLoss


class MseLoss(DifferenceLoss):
    """The squared difference, in the target's units; see DifferenceLoss."""

    name = "mse"

    def difference(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.mse_loss(outputs, encoded, reduction="none")
