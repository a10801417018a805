"""All metrics of a split at once."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.image import PeakSignalNoiseRatio

from huesweep.color.colorfulness import colorfulness
from huesweep.metrics.chroma import ChromaScores
from huesweep.metrics.fidelity import beats_gray, psnr_per_picture, ssim_per_picture
from huesweep.metrics.palette_scores import PaletteScores

# What each picture has: of predicted and true ones, both uint8 (N, 3, H, W), to (N,), or to (0,) where it has none.
PER_PICTURE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "psnr": psnr_per_picture,
    "beats_gray": beats_gray,
    "ssim": ssim_per_picture,
    "cf": lambda predicted, _: colorfulness(predicted),
    "cf_truth": lambda _, truth: colorfulness(truth),
}


class Mean(Metric):
    """The mean of values in 64 bits, which torchmetrics' own forgets where it is moved; NaN of none."""

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), "sum")

    def update(self, values: Tensor) -> None:
        self.total += values.sum(dtype=torch.float64)
        self.count += len(values)

    def compute(self) -> Tensor:
        return self.total / self.count


class Scores(nn.Module):
    """The means of PER_PICTURE, psnr_pooled, cf_gap, auc, auc_balanced and hue_distance of uint8 pictures.

    cf_gap is the gap between two means, of cf and cf_truth, where pictures that are too dull and too full make up for
    each other.
    ssim is NaN for pictures smaller than its 11x11 window. has_palette: also cross_entropy, top1 and top5, of palettes.
    """

    def __init__(self, has_palette: bool) -> None:
        super().__init__()
        means: dict[str, Metric | MetricCollection] = {name: Mean() for name in PER_PICTURE}
        self.means = MetricCollection(means, compute_groups=False)
        self.psnr_pooled = PeakSignalNoiseRatio(data_range=255.0)
        self.chroma = ChromaScores()
        self.of_palette = PaletteScores() if has_palette else None

    def update(self, predicted: Tensor, truth: Tensor, *compared: Tensor) -> None:
        """predicted, truth: uint8 (N, 3, H, W). compared: the network's outputs and the target's encoding of the truth.

        Without a palette the latter play no part, and may be left out.
        """
        for name, mean in self.means.items():
            mean.update(PER_PICTURE[name](predicted, truth))
        self.psnr_pooled.update(predicted.to(torch.float32), truth.to(torch.float32))
        self.chroma.update(predicted, truth)
        if self.of_palette is not None:
            self.of_palette.update(*compared)

    def compute(self) -> dict[str, float]:
        """All scores so far, and forget the pictures."""
        scores = self.means.compute()
        scores["cf_gap"] = (scores["cf"] - scores["cf_truth"]).abs()
        scores |= {"psnr_pooled": self.psnr_pooled.compute(), **self.chroma.compute()}
        if self.of_palette is not None:
            scores |= self.of_palette.compute()
            self.of_palette.reset()
        for metric in (self.means, self.psnr_pooled, self.chroma):
            metric.reset()
        return {name: float(value) for name, value in scores.items()}
