"""What losses share that compare predicted and true values one by one."""

from torch import Tensor

from huesweep.losses.base import Loss
from huesweep.ranges import NonNegative


class DifferenceLoss(Loss):
    """Mean over pixels and channels of a subclass's `difference`.

    saturation: 0 counts all pixels alike; above it, a pixel of chroma c (0 for gray, about 1 for the purest colors,
    see Target.chroma) counts 1 + saturation * c times. Regression answers with the mean of what is likely, which is
    grayer than most of it; this draws the mean towards the saturated colors.
    """

    encoding = "values"

    def __init__(self, saturation: NonNegative) -> None:
        super().__init__()
        self.saturation = saturation

    def difference(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        """What a prediction costs, value by value, in the shape of both."""
        raise NotImplementedError

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        costs = self.difference(outputs, encoded)
        if self.saturation:
            costs = costs * (1 + self.saturation * self.target.chroma(encoded))
        return costs.mean()
