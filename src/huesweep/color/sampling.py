"""Drawing plausible pictures from a distribution over colors at each pixel."""

import torch
from pydantic import validate_call
from torch import Tensor, nn

from huesweep.ranges import NonNegative
from huesweep.registry import CHECKS


@validate_call(config=CHECKS)
def coherent_gumbel(shape: tuple[int, int, int, int], generator: torch.Generator, coherence: NonNegative) -> Tensor:
    """Gumbel noise that is alike at near pixels. shape: (N, K, H, W); gives the same, on the CPU.

    Each value by itself is distributed as standard Gumbel noise, so that argmax(logits + noise) draws each pixel from
    softmax(logits) (Gumbel 1954); but neighbors draw alike, and a region takes one color instead of confetti. It is
    white Gaussian noise, blurred by a Gaussian of standard deviation `coherence` pixels, brought back to variance 1,
    and carried from the normal distribution to Gumbel's. coherence: 0 leaves the pixels independent.
    """
    count, colors, height, width = shape
    reach = round(3 * coherence)
    noise = torch.randn(count * colors, 1, height + 2 * reach, width + 2 * reach, generator=generator)
    if reach:
        kernel = torch.exp(-torch.arange(-reach, reach + 1).square() / (2 * coherence**2))
        kernel = kernel / kernel.norm()  # a sum with these weights has variance 1
        noise = nn.functional.conv2d(noise, kernel.view(1, 1, -1, 1))
        noise = nn.functional.conv2d(noise, kernel.view(1, 1, 1, -1))
    # The survival function instead of the distribution's: exact where it matters, at large values.
    survival = 0.5 * torch.erfc(noise.double() / 2**0.5)
    return -torch.log(-torch.log1p(-survival)).to(torch.float32).view(shape)
