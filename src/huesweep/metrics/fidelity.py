"""How near predicted pictures come to the true ones, picture by picture."""

import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

WINDOW = 11  # side of the Gaussian window with standard deviation 1.5 (Wang, Bovik, Sheikh & Simoncelli 2004)


def psnr_per_picture(predicted: Tensor, truth: Tensor) -> Tensor:
    """10 log10(255² / MSE) of each picture, in dB. Both uint8 (N, 3, H, W). Gives (N,) float64.

    A picture without any error counts as one with one value off by one level, so that the mean stays finite.
    """
    error = (predicted.to(torch.float64) - truth.to(torch.float64)).square().flatten(1)
    mean_squared = error.mean(1).clamp(min=1 / error.shape[1])
    return 10 * torch.log10(255**2 / mean_squared)


def beats_gray(predicted: Tensor, truth: Tensor) -> Tensor:
    """Whether each picture's squared error is below that of the best gray one, whose levels are the channels' mean.

    Both uint8 (N, 3, H, W). Gives (N,), 1 or 0: no gray picture reaches 1, by whatever formula it was made.
    """
    levels = truth.to(torch.float32)
    of_gray = (levels - levels.mean(dim=1, keepdim=True)).square().flatten(1).mean(1)
    return ((predicted - levels).square().flatten(1).mean(1) < of_gray).to(torch.float32)


def ssim_per_picture(predicted: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity of each picture, mean over color channels and positions. Both uint8 (N, 3, H, W).

    As scikit-image has it with gaussian_weights=True, use_sample_covariance=False: positions whose window reaches over
    the edge don't count. Gives (N,), or (0,) for pictures smaller than the window.
    """
    if min(truth.shape[-2:]) < WINDOW:
        return torch.zeros(0, device=truth.device)
    levels = predicted.to(torch.float32), truth.to(torch.float32)
    _, similarity = structural_similarity_index_measure(
        *levels, sigma=1.5, data_range=255.0, reduction="none", return_full_image=True
    )
    edge = WINDOW // 2
    return similarity[..., edge:-edge, edge:-edge].mean(dim=(1, 2, 3))
