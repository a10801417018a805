"""How well a classifier of pictures names their classes."""

import torch
from torch import Tensor, nn
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassCalibrationError,
    MulticlassConfusionMatrix,
)

BINS = 15  # of confidence (Guo et al. 2017)
TOP = 5


class ClassificationScores(nn.Module):
    """`accuracy`, `accuracy_top5` and `calibration_error` of pictures in so many classes, each class, and confusion.

    With five classes or fewer accuracy_top5 is 1.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.accuracy = MulticlassAccuracy(classes, average="micro")
        self.top = MulticlassAccuracy(classes, top_k=TOP, average="micro") if classes > TOP else None
        self.calibration = MulticlassCalibrationError(classes, n_bins=BINS)
        self.matrix = MulticlassConfusionMatrix(classes)

    def update(self, logits: Tensor, labels: Tensor) -> None:
        """logits: (N, K). labels: int64 (N,)."""
        chances = logits.float().softmax(1)
        for metric in self._metrics():
            metric.update(chances, labels)

    def compute(self) -> dict[str, float]:
        """The scores so far, and forget them; `confusion` has to be asked for before."""
        scores = {
            "accuracy": float(self.accuracy.compute()),
            "accuracy_top5": 1.0 if self.top is None else float(self.top.compute()),
            "calibration_error": float(self.calibration.compute()),
        }
        for metric in self._metrics():
            metric.reset()
        return scores

    def confusion(self) -> Tensor:
        """int64 (K, K): how many pictures of the class of a row were taken for that of a column."""
        return self.matrix.compute().cpu()

    def _metrics(self) -> list[MulticlassAccuracy | MulticlassCalibrationError | MulticlassConfusionMatrix]:
        return [self.accuracy, *([] if self.top is None else [self.top]), self.calibration, self.matrix]


def score_logits(logits: Tensor, labels: Tensor) -> tuple[dict[str, float], Tensor]:
    """The scores of logits, (N, K), for labels, int64 (N,), and the confusion matrix, int64 (K, K)."""
    scores = ClassificationScores(logits.shape[1]).to(logits.device)
    scores.update(logits, labels)
    confusion = scores.confusion()
    return scores.compute(), confusion


def score_majority(labels: Tensor) -> dict[str, float]:
    """The scores of whoever sees nothing and knows how often each class is among the labels, int64 (N,)."""
    shares = torch.bincount(labels).sort(descending=True).values / len(labels)
    return {"accuracy": float(shares[0]), "accuracy_top5": float(shares[:TOP].sum()), "calibration_error": 0.0}
