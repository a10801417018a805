"""How often a palette network picks the true color."""

import torch
from torch import Tensor, nn
from torchmetrics import Metric


class ClassScores(Metric):
    """`cross_entropy` in nats, and `top1` and `top5`, the shares of pixels whose true color is among the likeliest.

    With five colors or fewer top5 is 1.
    """

    cross_entropy: Tensor
    hits: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("cross_entropy", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("hits", torch.zeros(2, dtype=torch.float64), "sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), "sum")

    def update(self, logits: Tensor, truth: Tensor) -> None:
        """logits: (N, K, H, W). truth: (N, H, W) int64, or (N, K, H, W) soft, of which the likeliest color counts."""
        if truth.is_floating_point():
            truth = truth.argmax(1)
        self.cross_entropy += nn.functional.cross_entropy(logits, truth, reduction="none").sum(dtype=torch.float64)
        # The rank of the true color is how many others are likelier; ties go to the lower index, as with argmax.
        true = logits.gather(1, truth[:, None])
        index = torch.arange(logits.shape[1], device=logits.device).view(1, -1, 1, 1)
        rank = ((logits > true) | ((logits == true) & (index < truth[:, None]))).sum(1)
        self.hits += torch.stack([(rank < 1).sum(), (rank < 5).sum()])
        self.count += truth.numel()

    def compute(self) -> dict[str, Tensor]:
        top1, top5 = self.hits / self.count
        return {"cross_entropy": self.cross_entropy / self.count, "top1": top1, "top5": top5}
