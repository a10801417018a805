"""Structural similarity, where its window lies wholly inside the picture."""

from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

from huesweep.metrics.mean import MeanOverPictures

WINDOW = 11  # side of the Gaussian window with standard deviation 1.5 (Wang, Bovik, Sheikh & Simoncelli 2004)


class Ssim(MeanOverPictures):
    """Mean SSIM over color channels, positions and pictures; NaN for pictures smaller than the window.

    As scikit-image has it with gaussian_weights=True, use_sample_covariance=False: positions whose window reaches over
    the edge don't count.
    """

    def scores(self, predicted: Tensor, truth: Tensor) -> Tensor:
        """Both (N, 3, H, W) in levels from 0 to 255."""
        if min(truth.shape[-2:]) < WINDOW:
            return truth.new_zeros(0)
        _, similarity = structural_similarity_index_measure(
            predicted, truth, sigma=1.5, data_range=255.0, reduction="none", return_full_image=True
        )
        edge = WINDOW // 2
        return similarity[..., edge:-edge, edge:-edge].mean(dim=(1, 2, 3))
