"""Spreading a pixel over the palette colors near it."""

import torch
from torch import Tensor


def soft_encode(pixels: Tensor, centers: Tensor, neighbors: int, sigma: float) -> Tensor:
    """Spread each pixel over its nearest palette colors (Zhang, Isola & Efros 2016, section 2.2).

    pixels: (N, C, H, W) float in the palette's space. centers: (K, C), same units. neighbors: how many colors take
    part, at most K; 5 in the paper. sigma: of the Gaussian of the distance that weighs them, same units; 5 in the
    paper, in ab. Gives (N, K, H, W), each pixel summing to 1.
    """
    count, channels, height, width = pixels.shape
    flat = pixels.movedim(1, -1).reshape(-1, channels)
    # Distances from differences, not from a matrix product: those of near colors are wanted exactly.
    distances, nearest = torch.cdist(flat, centers, compute_mode="donot_use_mm_for_euclid_dist").topk(
        neighbors, largest=False
    )
    squares = distances.square()
    # Relative to the nearest, so that a pixel far from all of them does not come out as 0 / 0.
    weights = torch.exp((squares[:, :1] - squares) / (2 * sigma**2))
    spread = torch.zeros(len(flat), len(centers), dtype=pixels.dtype, device=pixels.device)
    spread.scatter_(1, nearest, weights / weights.sum(1, keepdim=True))
    return spread.view(count, height, width, -1).movedim(-1, 1)
