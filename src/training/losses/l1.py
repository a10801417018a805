"""Mean absolute difference of predicted and true values."""

from torch import Tensor, nn

from src.training.losses.base import Loss


class L1Loss(Loss):
    """Mean over pixels and channels of the absolute difference, in the target's units."""

    name = "l1"
    encoding = "values"

    def forward(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.l1_loss(outputs, encoded)
