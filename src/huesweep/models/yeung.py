"""The layer that Yeung's networks repeat (cnn-image-colorization, 2019)."""

from torch import nn


def yeung_layer(channels_in: int, channels_out: int, kernel: int) -> nn.Sequential:
    """Convolution that keeps the size, batch normalization, ReLU, as PyTorch began them in early 2019.

    Normalization then started from scales drawn between 0 and 1 (since PyTorch 1.2: all 1), which slows the first
    epochs: with it the published curves are reproduced, without it they are outrun.
    """
    normalization = nn.BatchNorm2d(channels_out)
    nn.init.uniform_(normalization.weight)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2), normalization, nn.ReLU(inplace=True)
    )
