"""A decoder that sees the whole picture at once, as the fully connected networks of the Rutgers study do."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import ACTIVATIONS, Activation
from huesweep.models.decoders.base import Decoder
from huesweep.models.derivatives import StraightThrough
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.outputs import Derivatives, Output, bounded
from huesweep.ranges import Count, NonNegative, Positive

Formula = Literal["glorot", "fan_out"]
Start = Positive | Formula


class FullyConnectedDecoder(Decoder):
    """Flattens the coarsest map; hidden layers; one value for each channel of each pixel. No biases.

    size: side of the square pictures, the only ones it can serve. channels: that it gives a pixel, 3 for RGB. hidden:
    width of each hidden layer, as a multiple of the number of values that it gives. activation: of hidden layers, a
    name of ACTIVATIONS. start: weights are drawn uniformly from -start to start; for all layers, or one for each:
    a number, or the root of 6 / (inputs + outputs) of the layer, `glorot` (Glorot & Bengio 2010), or of 6 / outputs,
    `fan_out`. l2: times the sum of all squared weights is added to the training loss. scale: what goes in is multiplied
    by it, and what comes out divided. output, derivatives: see bounded; `as_written` takes that of a hidden ReLU as 1.

    Raises UsageError where there are more or fewer starts than layers.
    """

    name = "fully_connected"

    def __init__(
        self,
        specs: Sequence[FeatureSpec],
        size: Count,
        channels: Count,
        hidden: Sequence[Positive],
        activation: Activation,
        start: Start | Sequence[Start],
        l2: NonNegative,
        scale: Positive = 1.0,
        output: Output = "linear",
        derivatives: Derivatives = "exact",
    ) -> None:
        super().__init__(specs)
        outputs = channels * size**2
        widths = [max(1, round(multiple * outputs)) for multiple in hidden]
        self.side = size
        self.channels = channels
        self.l2 = l2
        self.scale = scale
        self.output: Output = output
        self.derivatives: Derivatives = derivatives
        inputs = specs[-1].channels * math.ceil(size / specs[-1].stride) ** 2
        layers: list[nn.Module] = []
        starts = _one_each(start, len(hidden) + 1)
        for (a, b), limit in zip(pairwise([inputs, *widths, outputs]), starts, strict=True):
            bend = ACTIVATIONS[activation]()
            is_straight = derivatives == "as_written" and activation == "relu"
            layers += [nn.Linear(a, b, bias=False), StraightThrough(bend) if is_straight else bend]
            reach = _reach(limit, a, b)
            nn.init.uniform_(layers[-2].weight, -reach, reach)  # type: ignore[arg-type]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        if tuple(size) != (self.side, self.side):
            raise UsageError(f"decoder fully_connected was made for {self.side}x{self.side}, not {size[1]}x{size[0]}")
        last = self.layers(self.scale * features[-1].flatten(1))
        values = bounded(last, self.output, self.scale, self.derivatives)
        return values.unflatten(1, (self.channels, *size)) / self.scale

    def penalty(self) -> Tensor | None:
        if not self.l2:
            return None
        return self.l2 * torch.stack([parameter.square().sum() for parameter in self.parameters()]).sum()


def _one_each(start: Start | Sequence[Start], layers: int) -> list[Start]:
    if isinstance(start, str | float):
        return [start] * layers
    if len(start) != layers:
        raise UsageError(f"model.decoder.start={list(start)} must be one for all or one for each of {layers} layers")
    return list(start)


def _reach(start: Start, inputs: int, outputs: int) -> float:
    if isinstance(start, str):
        return math.sqrt(6 / (outputs + (inputs if start == "glorot" else 0)))
    return start
