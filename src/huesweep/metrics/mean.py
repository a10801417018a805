"""Means over pictures, batch by batch and over processes."""

import torch
from torch import Tensor
from torchmetrics import Metric


class MeanOverPictures(Metric):
    """The mean of a score that each picture has. A subclass gives the scores; NaN where there were none."""

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), "sum")

    def scores(self, predicted: Tensor, truth: Tensor) -> Tensor:
        """(N,), one score a picture; or none, (0,), where it is not defined."""
        raise NotImplementedError

    def update(self, predicted: Tensor, truth: Tensor) -> None:
        scores = self.scores(predicted, truth)
        self.total += scores.sum(dtype=torch.float64)
        self.count += len(scores)

    def compute(self) -> Tensor:
        return self.total / self.count
