"""An encoder, a decoder and a head, joined."""

import torch
from torch import Tensor, nn

from src.errors import UsageError
from src.models.decoders.base import Decoder
from src.models.encoders.base import Encoder


class Network(nn.Module):
    """Feature maps from the encoder, one map from the decoder, and a last convolution to `channels` outputs a pixel.

    inputs, channels: of the picture that goes in and of what comes out. centered: bring inputs from [0, 1] to [-1, 1]
    first. head_kernel: of the last convolution, odd. input_skip: the head sees the input beside the decoder's map.
    """

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        inputs: int,
        channels: int,
        centered: bool,
        head_kernel: int,
        input_skip: bool,
    ) -> None:
        super().__init__()
        if head_kernel < 1 or head_kernel % 2 == 0:
            raise UsageError(f"model.head_kernel must be odd, not {head_kernel}")
        self.encoder = encoder
        self.decoder = decoder
        self.centered = centered
        self.input_skip = input_skip
        width = decoder.channels + (inputs if input_skip else 0)
        self.head = nn.Conv2d(width, channels, head_kernel, padding=head_kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W) in [0, 1], any size. Gives (N, channels, H, W)."""
        if self.centered:
            x = 2 * x - 1
        decoded = self.decoder(self.encoder(x), x.shape[-2:])
        return self.head(torch.cat([x, decoded], dim=1) if self.input_skip else decoded)


def count_parameters(module: nn.Module) -> int:
    """How many numbers training changes."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
