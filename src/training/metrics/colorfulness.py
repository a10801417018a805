"""How colorful pictures look."""

import torch
from torch import Tensor
from torchmetrics import Metric


def colorfulness(pictures: Tensor) -> Tensor:
    """Colorfulness of each picture (Hasler & Süsstrunk 2003, equation 1, with signed opponent channels).

    pictures: uint8 (N, 3, H, W). Gives (N,) float32: 0 is gray, 33 moderately and 59 quite colorful.

    >>> colorfulness(torch.full((1, 3, 8, 8), 90, dtype=torch.uint8))
    tensor([0.])
    """
    red, green, blue = pictures.to(torch.float32).flatten(2).unbind(1)
    opponent = torch.stack([red - green, (red + green) / 2 - blue])
    spread = opponent.var(-1, correction=0).sum(0).sqrt()
    return spread + 0.3 * opponent.mean(-1).square().sum(0).sqrt()


class Colorfulness(Metric):
    """Mean over pictures of colorfulness: `cf` of the predictions, and `cf_gap`, how far that is from the truth's."""

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
