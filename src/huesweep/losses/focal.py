"""Cross-entropy that turns away from pixels it gets right already."""

from torch import Tensor

from huesweep.color.rows import as_rows
from huesweep.losses.base import Loss
from huesweep.ranges import NonNegative


class FocalLoss(Loss):
    """Mean over pixels of -(1 - p)^gamma log p, p the probability given to the true color (Lin et al. 2017).

    Of soft encodings: its mean under them. gamma: 2 in the paper; 0 is cross-entropy.
    """

    name = "focal"
    encoding = "classes"

    def __init__(self, gamma: NonNegative) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        logs, encoded = as_rows(outputs).float().log_softmax(1), as_rows(encoded)
        if not encoded.is_floating_point():
            logs = logs.gather(1, encoded[:, None])
        # The gradient of x^gamma at 0 is infinite for gamma below 1: a sure pixel is kept off it.
        costs = -((1 - logs.exp()).clamp(min=1e-6) ** self.gamma) * logs
        return ((costs * encoded).sum(1) if encoded.is_floating_point() else costs).mean()
