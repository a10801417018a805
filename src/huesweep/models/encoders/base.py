"""The encoder contract."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from huesweep.registry import Registered


class FeatureSpec(NamedTuple):
    """One feature map: how many channels, and how many input pixels one step spans."""

    channels: int
    stride: int


class Encoder(Registered, nn.Module):
    """Gives feature maps of an input, one a spec, fine to coarse, the input itself not among them.

    A subclass sets `name` (as in conf/model/encoder), takes `channels` of the input as its first argument, and sets
    `specs`. A map of stride s has ceil(H / s) x ceil(W / s) steps, so that any input size works.
    """

    beside = ("weights",)  # of a checkpoint to start from, which any encoder can
    needed = ("specs",)
    specs: tuple[FeatureSpec, ...]
    normalizes: bool = False  # whether it brings inputs from [0, 1] to the range of its weights by itself
    frozen: bool = False  # whether training leaves it as it is, so that its maps of a picture stay the same
    _kept: Sequence[nn.Module] = ()  # the parts that training leaves as they are

    def freeze(self, *parts: nn.Module) -> None:
        """Leave these parts as they are from now on, or else all of the network, which is then `frozen`.

        Their normalizations stay in evaluation mode.
        """
        self.frozen = self.frozen or not parts
        self._kept = (*self._kept, *parts)
        for part in parts or (self,):
            part.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> "Encoder":
        super().train(mode and not self.frozen)
        for part in self._kept:
            part.eval()
        return self

    def forward(self, x: Tensor) -> list[Tensor]:
        """x: (N, channels, H, W). Gives one (N, spec.channels, ceil(H / spec.stride), ceil(W / spec.stride)) a spec."""
        raise NotImplementedError


def trimmed(maps: Sequence[Tensor], specs: Sequence[FeatureSpec], size: Sequence[int]) -> list[Tensor]:
    """Maps without the steps that lie beyond a picture of `size`, height and width, which was padded."""
    height, width = size
    return [
        features[..., : -(-height // spec.stride), : -(-width // spec.stride)]
        for features, spec in zip(maps, specs, strict=True)
    ]
