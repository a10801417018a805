"""How near predicted pictures come to the true ones, picture by picture."""

import torch
from torch import Tensor

WINDOW, DEVIATION = 11, 1.5  # of the Gaussian window, in pixels (Wang, Bovik, Sheikh & Simoncelli 2004)
SMALL = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)  # their C1 and C2, of means and of variances
MIDDLE = 127.5  # of the levels: counted from there, squares lose fewer digits


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
    down, across = (_windows(side, truth.device) for side in truth.shape[-2:])
    ours, theirs = (pictures.to(torch.float32).flatten(0, 1) - MIDDLE for pictures in (predicted, truth))
    parts = torch.cat([ours, theirs, ours * ours, theirs * theirs, ours * theirs])
    mean, true_mean, square, true_square, product = (down @ (parts @ across.T)).chunk(5)
    spread = square - mean * mean + true_square - true_mean * true_mean
    covariance = product - mean * true_mean
    mean, true_mean = mean + MIDDLE, true_mean + MIDDLE
    of_means = (2 * mean * true_mean + SMALL[0]) / (mean * mean + true_mean * true_mean + SMALL[0])
    similarity = of_means * (2 * covariance + SMALL[1]) / (spread + SMALL[1])
    return similarity.unflatten(0, truth.shape[:2]).mean(dim=(1, 2, 3))


def _windows(side: int, device: torch.device) -> Tensor:
    """A matrix whose products with columns of so many pixels are their weighted means in each window within them.

    As a product of matrices the window takes a tenth of a convolution's time for pictures of 32x32.
    """
    distance = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    weights = torch.exp(-((distance / DEVIATION) ** 2) / 2)
    rows = torch.zeros(side - WINDOW + 1, side, dtype=torch.float64)
    for place, row in enumerate(rows):
        row[place : place + WINDOW] = weights / weights.sum()
    return rows.to(device, torch.float32)
