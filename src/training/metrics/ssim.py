"""Structural similarity, where its window lies wholly inside the picture."""

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.functional.image import structural_similarity_index_measure

WINDOW = 11  # side of the Gaussian window with standard deviation 1.5 (Wang, Bovik, Sheikh & Simoncelli 2004)


class Ssim(Metric):
    """Mean SSIM over color channels, positions and pictures; NaN for pictures smaller than the window.

    As scikit-image has it with gaussian_weights=True, use_sample_covariance=False: positions whose window reaches over
    the edge don't count.
    """

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros((), dtype=torch.float64), "sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), "sum")

    def update(self, predicted: Tensor, truth: Tensor) -> None:
        """Both (N, 3, H, W) in levels from 0 to 255."""
        if min(truth.shape[-2:]) < WINDOW:
            return
        _, similarity = structural_similarity_index_measure(
            predicted, truth, sigma=1.5, data_range=255.0, reduction="none", return_full_image=True
        )
        edge = WINDOW // 2
        inside = similarity[..., edge:-edge, edge:-edge]
        self.total += inside.mean(dim=(1, 2, 3)).sum(dtype=torch.float64)
        self.count += len(truth)

    def compute(self) -> Tensor:
        return self.total / self.count
