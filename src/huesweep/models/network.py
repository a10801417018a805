"""An encoder, a decoder and a head, joined."""

from collections.abc import Sequence

import torch
from pydantic import validate_call
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.attention import SelfAttention
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.ranges import Count, OddCount
from huesweep.registry import CHECKS


class Network(nn.Module):
    """Feature maps from the encoder, one map from the decoder, and a last convolution to `channels` outputs a pixel.

    inputs, channels: of the picture that goes in and of what comes out. centered: bring inputs from [0, 1] to [-1, 1]
    first. head_kernel: of the last convolution, odd; None is 1, and no convolution at all where the decoder's map has
    `channels` channels already. input_skip: the head sees the input beside the decoder's map. attention: strides of the
    encoder's maps on which every position looks at all others before they are decoded. heads: of that attention.
    """

    @validate_call(config=CHECKS)
    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        inputs: int,
        channels: int,
        centered: bool,
        head_kernel: OddCount | None,
        input_skip: bool,
        attention: Sequence[Count],
        heads: Count,
    ) -> None:
        super().__init__()
        strides = [spec.stride for spec in encoder.specs]
        if missing := sorted(set(attention) - set(strides)):
            raise UsageError(f"model.attention={list(attention)}: no map has stride {missing[0]}, but {strides}")
        self.encoder = encoder
        self.decoder = decoder
        self.centered = centered
        self.input_skip = input_skip
        self.attention = nn.ModuleDict(
            {
                str(place): SelfAttention(spec.channels, heads)
                for place, spec in enumerate(encoder.specs)
                if spec.stride in attention
            }
        )
        width = decoder.channels + (inputs if input_skip else 0)
        kernel = head_kernel or 1
        self.head: nn.Module = (
            nn.Identity()
            if head_kernel is None and width == channels
            else nn.Conv2d(width, channels, kernel, padding=kernel // 2)
        )

    @property
    def side(self) -> int | None:
        """Of the only pictures that the network can serve, which are square; None serves every size."""
        return self.decoder.side

    def penalty(self) -> Tensor | None:
        """What joins the training loss on account of the weights, if anything does."""
        return self.decoder.penalty()

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W) in [0, 1]. Gives (N, channels, H, W)."""
        if self.centered:
            x = 2 * x - 1
        features = self.encoder(x)
        for place, attend in self.attention.items():
            features[int(place)] = attend(features[int(place)])
        decoded = self.decoder(features, x.shape[-2:])
        return self.head(torch.cat([x, decoded], dim=1) if self.input_skip else decoded)


def count_parameters(module: nn.Module) -> int:
    """How many numbers training changes."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
