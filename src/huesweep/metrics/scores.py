"""All metrics of a split at once."""

import torch
from torch import Tensor, nn
from torchmetrics.image import PeakSignalNoiseRatio

from huesweep.metrics.chroma import ChromaScores
from huesweep.metrics.classes import ClassScores
from huesweep.metrics.colorfulness import Colorfulness
from huesweep.metrics.psnr import PsnrPerPicture
from huesweep.metrics.ssim import Ssim


class PictureScores(nn.Module):
    """psnr, psnr_pooled, ssim, cf, cf_gap, cf_truth, auc, auc_balanced and hue_distance of uint8 pictures.

    ssim is NaN for pictures smaller than its 11x11 window.
    """

    def __init__(self) -> None:
        super().__init__()
        self.psnr = PsnrPerPicture()
        self.psnr_pooled = PeakSignalNoiseRatio(data_range=255.0)
        self.ssim = Ssim()
        self.colorfulness = Colorfulness()
        self.chroma = ChromaScores()

    def update(self, predicted: Tensor, truth: Tensor) -> None:
        """Both uint8 (N, 3, H, W)."""
        levels = predicted.to(torch.float32), truth.to(torch.float32)
        self.psnr.update(predicted, truth)
        self.psnr_pooled.update(*levels)
        self.ssim.update(*levels)
        self.colorfulness.update(predicted, truth)
        self.chroma.update(predicted, truth)

    def compute(self) -> dict[str, float]:
        """All scores so far, and forget the pictures."""
        scores = {
            "psnr": self.psnr.compute(),
            "psnr_pooled": self.psnr_pooled.compute(),
            "ssim": self.ssim.compute(),
            **self.colorfulness.compute(),
            **self.chroma.compute(),
        }
        for metric in (self.psnr, self.psnr_pooled, self.ssim, self.colorfulness, self.chroma):
            metric.reset()
        return {name: float(value) for name, value in scores.items()}


class Scores(nn.Module):
    """PictureScores and, for palettes, cross_entropy, top1 and top5."""

    def __init__(self, has_classes: bool) -> None:
        super().__init__()
        self.pictures = PictureScores()
        self.classes = ClassScores() if has_classes else None

    def update(self, predicted: Tensor, truth: Tensor, outputs: Tensor, encoded: Tensor) -> None:
        """predicted, truth: uint8 (N, 3, H, W). outputs: of the network. encoded: of the truth, by the target."""
        self.pictures.update(predicted, truth)
        if self.classes is not None:
            self.classes.update(outputs, encoded)

    def compute(self) -> dict[str, float]:
        """All scores so far, and forget the pictures."""
        scores = self.pictures.compute()
        if self.classes is not None:
            scores |= {name: float(value) for name, value in self.classes.compute().items()}
            self.classes.reset()
        return scores
