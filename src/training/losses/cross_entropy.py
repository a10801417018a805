"""Cross-entropy over palette colors."""

from torch import Tensor, nn

from src.training.losses.base import Loss


class CrossEntropyLoss(Loss):
    """Mean over pixels of -log of the probability given to the true color, in nats."""

    name = "cross_entropy"
    encoding = "classes"

    def forward(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, encoded)
