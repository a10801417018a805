"""Mean squared difference of predicted and true values."""

from torch import Tensor, nn

from src.training.losses.base import Loss


class MseLoss(Loss):
    """Mean over pixels and channels of the squared difference, in the target's units."""

    name = "mse"
    encoding = "values"

    def forward(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.mse_loss(outputs, encoded)
