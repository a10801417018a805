"""Cross-entropy over palette colors."""

from torch import Tensor, nn

from huesweep.color.rows import as_rows
from huesweep.losses.base import Loss
from huesweep.ranges import Share


class CrossEntropyLoss(Loss):
    """Mean over pixels of -log of the probability given to the true color, in nats.

    Of soft encodings: the mean of it under them. smoothing: share of the truth that is spread evenly over all colors
    (Szegedy et al. 2016), from 0 and below 1.
    """

    name = "cross_entropy"
    encoding = "classes"

    def __init__(self, smoothing: Share) -> None:
        super().__init__()
        self.smoothing = smoothing

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        return nn.functional.cross_entropy(as_rows(outputs), as_rows(encoded), label_smoothing=self.smoothing)
