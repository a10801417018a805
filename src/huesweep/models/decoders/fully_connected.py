"""A decoder that sees the whole picture at once, as the fully connected networks of the Rutgers study do."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import ACTIVATIONS, Activation
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.ranges import Count, NonNegative, Positive


class FullyConnectedDecoder(Decoder):
    """Flattens the coarsest map; hidden layers; one value for each channel of each pixel. No biases.

    size: side of the square pictures, the only ones it can serve. channels: that it gives a pixel, 3 for RGB. hidden:
    width of each hidden layer, as a multiple of the number of values that it gives. activation: of hidden layers, a
    name of ACTIVATIONS. start: weights are drawn uniformly from -start to start. l2: times the sum of all squared
    weights is added to the training loss.
    """

    name = "fully_connected"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        size: Count,
        channels: Count,
        hidden: Sequence[Positive],
        activation: Activation,
        start: Positive,
        l2: NonNegative,
    ) -> None:
        super().__init__(specs)
        outputs = channels * size**2
        widths = [max(1, round(multiple * outputs)) for multiple in hidden]
        self.side = size
        self.channels = channels
        self.l2 = l2
        inputs = specs[-1].channels * math.ceil(size / specs[-1].stride) ** 2
        layers: list[nn.Module] = []
        for a, b in pairwise([inputs, *widths, outputs]):
            layers += [nn.Linear(a, b, bias=False), ACTIVATIONS[activation]()]
            nn.init.uniform_(layers[-2].weight, -start, start)  # type: ignore[arg-type]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        if tuple(size) != (self.side, self.side):
            raise UsageError(f"decoder fully_connected was made for {self.side}x{self.side}, not {size[1]}x{size[0]}")
        return self.layers(features[-1].flatten(1)).unflatten(1, (self.channels, *size))

    def penalty(self) -> Tensor | None:
        if not self.l2:
            return None
        return self.l2 * torch.stack([parameter.square().sum() for parameter in self.parameters()]).sum()
