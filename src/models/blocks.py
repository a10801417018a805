"""The layers that encoders and decoders are made of."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


def conv_bn_relu(channels_in: int, channels_out: int, kernel: int = 3) -> nn.Sequential:
    """A convolution that keeps the size, batch normalization, ReLU. The convolution's bias is the normalization's."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


def conv_stack(channels_in: int, channels_out: int, convolutions: int) -> nn.Sequential:
    """Several 3x3 convolutions one after another, as at one level of a U-Net."""
    widths = [channels_in] + [channels_out] * convolutions
    return nn.Sequential(*(conv_bn_relu(a, b) for a, b in pairwise(widths)))


def resize_nearest(features: Tensor, size: Sequence[int]) -> Tensor:
    """Bring (N, C, H, W) to (N, C, *size) by repeating pixels; nothing to do is free."""
    return features if tuple(features.shape[-2:]) == tuple(size) else nn.functional.interpolate(features, tuple(size))
