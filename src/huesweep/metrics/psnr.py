"""Peak signal-to-noise ratio, picture by picture."""

import torch
from torch import Tensor

from huesweep.metrics.mean import MeanOverPictures


def psnr_per_picture(predicted: Tensor, truth: Tensor) -> Tensor:
    """10 log10(255² / MSE) of each picture, in dB. Both uint8 (N, 3, H, W). Gives (N,) float64.

    A picture without any error counts as one with one value off by one level, so that the mean stays finite.
    """
    error = (predicted.to(torch.float64) - truth.to(torch.float64)).square().flatten(1)
    mean_squared = error.mean(1).clamp(min=1 / error.shape[1])
    return 10 * torch.log10(255**2 / mean_squared)


class PsnrPerPicture(MeanOverPictures):
    """Mean over pictures of psnr_per_picture."""

    def scores(self, predicted: Tensor, truth: Tensor) -> Tensor:
        return psnr_per_picture(predicted, truth)
