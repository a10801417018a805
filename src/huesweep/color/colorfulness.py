"""How colorful pictures look."""

import torch
from torch import Tensor


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
