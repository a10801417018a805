"""What every target can do."""

from typing import ClassVar, Literal

from torch import Tensor, nn

Encoding = Literal["classes", "values"]


class Target(nn.Module):
    """A representation of color that a network can learn. Its buffers travel with the checkpoint.

    A subclass sets `name` (as in conf/target), `encoding` (what a loss compares: palette `classes` or `values`) and
    `channels` (network outputs a pixel), and gives encode, reconstruct and decode.
    """

    name: ClassVar[str]
    encoding: ClassVar[Encoding]
    channels: int
    has_lightness: bool = True  # whether it stands for brightness as well as for color

    def encode(self, rgb: Tensor) -> Tensor:
        """What the loss compares with. rgb: (N, 3, H, W) float in [0, 1]."""
        raise NotImplementedError

    def chroma(self, encoded: Tensor) -> Tensor:
        """How far from gray encoded values are. Gives (N, 1, H, W), 0 for gray, about 1 for the purest colors.

        encoded: (N, channels, H, W). Of targets of `values` alone.
        """
        raise NotImplementedError

    def fit(self, pictures: Tensor, seed: int) -> None:
        """Learn what the target needs from the training pictures, uint8 (N, 3, H, W). Most need nothing."""

    def reconstruct(self, encoded: Tensor, lightness: Tensor | None) -> Tensor:
        """The picture that an encoding stands for: the best that a perfect network could do.

        encoded: as encode gives it. lightness: (N, 1, H, W) CIELAB L to keep, or None for the target's own brightness.
        Gives (N, 3, H, W) float in [0, 1].
        """
        raise NotImplementedError

    def decode(self, outputs: Tensor, lightness: Tensor | None) -> Tensor:
        """The picture that a network's outputs stand for.

        outputs: (N, channels, H, W). lightness: (N, 1, H, W) CIELAB L to keep, or None for the target's own brightness.
        Gives (N, 3, H, W) float in [0, 1]. Raises UsageError where the target has no brightness of its own.
        """
        raise NotImplementedError
