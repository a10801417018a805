"""An encoder, a decoder and a head, joined."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import torch
from pydantic import validate_call
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.attention import SelfAttention
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.models.enlarging import Enlarging, enlarge
from huesweep.models.views import Smallest, Views, enlarged, in_views
from huesweep.ranges import Count, OddCount
from huesweep.registry import CHECKS

HeadOutput = Literal["linear", "sigmoid", "tanh"]
OUTPUTS: dict[HeadOutput, Callable[[], nn.Module]] = {"linear": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class Encoded(NamedTuple):
    """An input whose maps are known already: those that a frozen encoder gives for it."""

    input: Tensor
    maps: list[Tensor]


class Network(nn.Module):
    """Feature maps from the encoder, one map from the decoder, and a last convolution to `channels` outputs a pixel.

    inputs, channels: of the picture that goes in and of what comes out. centered: bring inputs from [0, 1] to [-1, 1]
    first. head_kernel: of the last convolution, odd; None is 1, and no convolution at all where the decoder's map has
    `channels` channels already. input_skip: the head sees the input beside the decoder's map. attention: strides of the
    encoder's maps on which every position looks at all others before they are decoded. heads: of that attention.
    stride: outputs are computed at this fraction of the side and enlarged; decoder: made for the encoder's specs with
    strides so many times as small. enlarging: how, see enlarge. smallest: inputs with a shorter side are enlarged to it
    first. output: what the last convolution's values go through; `linear` is nothing. views: of an input, whose
    outputs are averaged, but not in training, nor where maps are known already; none is the input itself.
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
        stride: Count = 1,
        smallest: Smallest = 1,
        output: HeadOutput = "linear",
        enlarging: Enlarging = "bilinear",
        views: Views = (),
    ) -> None:
        super().__init__()
        if input_skip and stride > 1:
            raise UsageError("model.input_skip=true needs outputs of full size: set model.stride=1")
        if views and decoder.side is not None:
            raise UsageError(
                f"model.views are of other sizes, and this network serves {decoder.side} pixels a side alone"
            )
        if centered and encoder.normalizes:
            raise UsageError(
                "model.centered=true brings inputs to [-1, 1], and this encoder takes them from 0 to 1, as its weights "
                "know them: set model.centered=false"
            )
        strides = [spec.stride for spec in encoder.specs]
        if missing := sorted(set(attention) - set(strides)):
            raise UsageError(f"model.attention={list(attention)}: no map has stride {missing[0]}, but {strides}")
        self.encoder = encoder
        self.decoder = decoder
        self.centered = centered
        self.input_skip = input_skip
        self.stride = stride
        self.enlarging: Enlarging = enlarging
        self.smallest = smallest
        self.views = tuple(views)
        self.attention = nn.ModuleDict(
            {
                str(place): SelfAttention(spec.channels, heads)
                for place, spec in enumerate(encoder.specs)
                if spec.stride in attention
            }
        )
        width = decoder.channels + (inputs if input_skip else 0)
        self.output = OUTPUTS[output]()
        kernel = head_kernel or 1
        if enlarging == "shuffle":
            channels *= stride**2
        self.head: nn.Module = (
            nn.Identity()
            if head_kernel is None and width == channels
            else nn.Conv2d(width, channels, kernel, padding=kernel // 2)
        )

    @property
    def side(self) -> int | None:
        """The side of the only pictures that the network serves, which are square; None serves every size."""
        return None if self.decoder.side is None else self.decoder.side * self.stride

    @property
    def multiple(self) -> int:
        """The stride of the encoder's coarsest map: sides that are multiples of it are rounded nowhere."""
        return max((spec.stride for spec in self.encoder.specs), default=1)

    def penalty(self) -> Tensor | None:
        """What joins the training loss on account of the weights, if anything does."""
        return self.decoder.penalty()

    def forward(self, x: Tensor | Encoded) -> Tensor:
        """x: (N, inputs, H, W) in [0, 1]. Gives (N, channels, H, W)."""
        if isinstance(x, Encoded):
            return in_views(lambda large: self._decode(large, list(x.maps)), x.input, self.smallest, (), 1)
        views = () if self.training else self.views
        return in_views(lambda large: self._decode(large, self._encode(large)), x, self.smallest, views, self.multiple)

    def encode(self, x: Tensor) -> list[Tensor]:
        """The encoder's maps of inputs, (N, inputs, H, W) in [0, 1], brought to `smallest` first."""
        return self._encode(enlarged(x, self.smallest))

    def _encode(self, x: Tensor) -> list[Tensor]:
        return self.encoder(2 * x - 1 if self.centered else x)

    def _decode(self, x: Tensor, features: list[Tensor]) -> Tensor:
        height, width = x.shape[-2:]
        coarse = -(-height // self.stride), -(-width // self.stride)
        for place, attend in self.attention.items():
            features[int(place)] = attend(features[int(place)])
        decoded = self.decoder(features, coarse)
        if self.input_skip:
            decoded = torch.cat([2 * x - 1 if self.centered else x, decoded], dim=1)
        return enlarge(self.output(self.head(decoded)), x, self.stride, self.enlarging)


def count_parameters(module: nn.Module, *, frozen: bool = False) -> int:
    """How many numbers training changes. frozen: of all that there are, those too that it leaves as they are."""
    return sum(parameter.numel() for parameter in module.parameters() if frozen or parameter.requires_grad)
