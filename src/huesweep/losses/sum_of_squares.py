"""Summed squared difference of predicted and true values."""

from torch import Tensor

from huesweep.losses.base import Loss
from huesweep.models.derivatives import with_derivative_of
from huesweep.ranges import Positive


class SumOfSquaresLoss(Loss):
    """Sum over a picture's values of the squared difference, as in the Rutgers study; its mean over a batch's pictures.

    scale: values are multiplied by it first; with target=rgb, 255 compares levels of a byte. summed: the gradient is
    that of the sum over a batch's pictures; without it the size of batches does not scale it.
    """

    name = "sum_of_squares"
    encoding = "values"

    def __init__(self, scale: Positive, summed: bool) -> None:
        super().__init__()
        self.scale = scale
        self.summed = summed

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        total = (self.scale * (outputs - encoded)).square().sum()
        mean = total / len(outputs)
        return with_derivative_of(mean, total) if self.summed else mean
