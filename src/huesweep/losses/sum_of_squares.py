"""Summed squared difference of predicted and true values."""

from torch import Tensor

from huesweep.losses.base import Loss


class SumOfSquaresLoss(Loss):
    """Sum over a picture's values of the squared difference, in the target's units, as in the Rutgers study.

    Mean over the pictures of a batch, so that the size of batches does not scale it.
    """

    name = "sum_of_squares"
    encoding = "values"

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        return (outputs - encoded).square().sum() / len(outputs)
