"""How colorful a network's pictures look, and how far from the truth."""

import torch
from torch import Tensor
from torchmetrics import Metric

from huesweep.color.colorfulness import colorfulness


class Colorfulness(Metric):
    """Mean over pictures of colorfulness: `cf` of predictions, `cf_truth`, and `cf_gap`, how far these are apart."""

    predicted: Tensor
    truth: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("predicted", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("truth", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), "sum")

    def update(self, predicted: Tensor, truth: Tensor) -> None:
        self.predicted += colorfulness(predicted).sum(dtype=torch.float64)
        self.truth += colorfulness(truth).sum(dtype=torch.float64)
        self.count += len(truth)

    def compute(self) -> dict[str, Tensor]:
        predicted, truth = self.predicted / self.count, self.truth / self.count
        return {"cf": predicted, "cf_gap": (predicted - truth).abs(), "cf_truth": truth}
