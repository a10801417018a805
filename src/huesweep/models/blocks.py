"""The layers that encoders and decoders are made of."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

Activation = Literal["relu", "leaky_relu", "gelu", "sigmoid", "tanh"]
Norm = Literal["batch", "group", "none"]
Padding = Literal["zeros", "reflect", "replicate"]

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky_relu": lambda: nn.LeakyReLU(0.2, inplace=True),
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
NORMS: dict[Norm, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "group": lambda channels: nn.GroupNorm(math.gcd(channels, 8), channels),  # Wu & He 2018
    "none": lambda _channels: nn.Identity(),
}
PADDINGS: dict[Padding, str] = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}


class SameConv2d(nn.Conv2d):
    """A convolution that gives ceil(H / stride) x ceil(W / stride) steps, whatever its kernel, stride and dilation.

    Pads as PyTorch's layers usually do, (effective kernel - 1) // 2 on every side, and, where that is too little (even
    kernels, odd sizes), further at the bottom and on the right. padding: what is put there, a name of PADDINGS. Or so
    many zeros on every side: where that leaves the result smaller, its edge is repeated; where larger, it is cut.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: int = 1,
        dilation: int = 1,
        padding: Padding | int = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__(channels_in, channels_out, kernel, stride, dilation=dilation, bias=bias)
        self.amount = padding if isinstance(padding, int) else None
        self.fill = "constant" if isinstance(padding, int) else PADDINGS[padding]
        self.reach = dilation * (kernel - 1)  # effective kernel less one

    def forward(self, x: Tensor) -> Tensor:
        before = self.reach // 2
        if self.amount is not None and 2 * self.amount != self.reach:
            return self._of_an_amount(x, self.amount)
        amounts: list[int] = []
        for side in (x.shape[-1], x.shape[-2]):
            needed = (-(-side // self.stride[0]) - 1) * self.stride[0] + self.reach + 1 - side
            amounts += [before, max(needed - before, before)]
        if self.fill == "constant" and amounts == [before] * 4:
            return nn.functional.conv2d(x, self.weight, self.bias, self.stride, before, self.dilation)
        # A reflection needs more pixels than it adds.
        tiny = self.fill == "reflect" and max(amounts) >= min(x.shape[-2:])
        padded = nn.functional.pad(x, amounts, mode="replicate" if tiny else self.fill)
        return nn.functional.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation)

    def _of_an_amount(self, x: Tensor, amount: int) -> Tensor:
        height, width = (-(-side // self.stride[0]) for side in x.shape[-2:])
        short = [max(0, self.reach + 1 - 2 * amount - side) for side in x.shape[-2:]]
        if any(short):  # of the kernel's own size
            x = nn.functional.pad(x, (0, short[1], 0, short[0]), mode="replicate")
        found = nn.functional.conv2d(x, self.weight, self.bias, self.stride, amount, self.dilation)
        missing = max(0, self.reach // 2 - amount) // self.stride[0]  # steps at the top and on the left
        cut = max(0, amount - self.reach // 2) // self.stride[0]
        found = found[..., cut : cut + height, cut : cut + width]
        below, right = height - found.shape[-2], width - found.shape[-1]
        top, left = (min(missing, lacking) for lacking in (below, right))
        return nn.functional.pad(found, (left, right - left, top, below - top), mode="replicate")


@dataclass(frozen=True)
class ConvStyle:
    """What the convolutions of an encoder or a decoder have in common.

    kernel: their side. padding: see SameConv2d. norm, activation: names in NORMS and ACTIVATIONS. dilation: distance of
    the kernel's pixels. residual: the stack's input is added to its output before the last activation, through a 1x1
    convolution where widths differ (He et al. 2016). dropout: share of channels left out after a stack, in training.
    bias: convolutions have one even where a normalization follows, which subtracts it again, as the literature's do.
    """

    kernel: int = 3
    padding: Padding | int = "zeros"
    dilation: int = 1
    norm: Norm = "batch"
    activation: Activation = "relu"
    residual: bool = False
    dropout: float = 0.0
    bias: bool = False

    @property
    def has_bias(self) -> bool:
        return self.bias or self.norm == "none"

    def normalization(self, channels: int) -> nn.Module:
        return NORMS[self.norm](channels)

    def nonlinearity(self) -> nn.Module:
        return ACTIVATIONS[self.activation]()

    def convolution(
        self, channels_in: int, channels_out: int, stride: int = 1, dilation: int | None = None
    ) -> nn.Conv2d:
        """A convolution of this style."""
        dilation = self.dilation if dilation is None else dilation
        options = {"dilation": dilation, "padding": self.padding, "bias": self.has_bias}
        return SameConv2d(channels_in, channels_out, self.kernel, stride, **options)  # type: ignore[arg-type]

    def layer(self, channels_in: int, channels_out: int, stride: int = 1, dilation: int | None = None) -> nn.Sequential:
        """Convolution, normalization, activation."""
        convolution = self.convolution(channels_in, channels_out, stride, dilation)
        return nn.Sequential(convolution, self.normalization(channels_out), self.nonlinearity())

    def stack(self, channels_in: int, channels_out: int, convolutions: int, stride: int = 1) -> nn.Sequential:
        """Several convolutions one after another, as at one level of a U-Net; the first has the stride."""
        widths = [channels_in] + [channels_out] * convolutions
        strides = [stride] + [1] * (convolutions - 1)
        layers = [self.layer(a, b, step) for (a, b), step in zip(pairwise(widths), strides, strict=True)]
        if self.residual:
            layers[-1] = nn.Sequential(*list(layers[-1])[:-1])  # its activation comes after the sum
            shortcut = self._shortcut(channels_in, channels_out, stride)
            layers = [nn.Sequential(Residual(nn.Sequential(*layers), shortcut), self.nonlinearity())]
        if self.dropout:
            layers.append(nn.Sequential(nn.Dropout2d(self.dropout)))
        return nn.Sequential(*layers)

    def _shortcut(self, channels_in: int, channels_out: int, stride: int) -> nn.Module:
        if channels_in == channels_out and stride == 1:
            return nn.Identity()
        projection = SameConv2d(channels_in, channels_out, 1, stride, bias=self.has_bias)
        return nn.Sequential(projection, self.normalization(channels_out))


class Residual(nn.Module):
    """The sum of two ways through."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.shortcut(x)


def resize(features: Tensor, size: Sequence[int], mode: str = "nearest") -> Tensor:
    """Bring (N, C, H, W) to (N, C, *size), by repeating pixels, `bilinear` or `area`; nothing to do is free."""
    if tuple(features.shape[-2:]) == tuple(size):
        return features
    if mode == "bilinear":
        return nn.functional.interpolate(features, tuple(size), mode=mode, align_corners=False)
    return nn.functional.interpolate(features, tuple(size), mode=mode)


def padded(x: Tensor, multiple: int) -> Tensor:
    """(N, C, H, W) with its last rows and columns repeated until both sides are multiples of so many pixels."""
    height, width = x.shape[-2:]
    beyond = (0, -width % multiple, 0, -height % multiple)
    return nn.functional.pad(x, beyond, mode="replicate") if any(beyond) else x
