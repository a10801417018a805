"""The encoder contract."""

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

    specs: tuple[FeatureSpec, ...]
    frozen: bool = False  # whether training leaves it as it is, so that its maps of a picture stay the same

    def forward(self, x: Tensor) -> list[Tensor]:
        """x: (N, channels, H, W). Gives one (N, spec.channels, ceil(H / spec.stride), ceil(W / spec.stride)) a spec."""
        raise NotImplementedError
