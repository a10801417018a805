"""What every task can do."""

from typing import ClassVar

from torch import Tensor

from huesweep.registry import Registered


class Task(Registered):
    """Turns a picture into a network's input.

    A subclass sets `name` (as in conf/task), `shown_as`, the title of an input in grids, `shown_beside`, those of its
    baselines that grids show too, and `channels` of the input.
    """

    needed = ("shown_as", "channels", "keeps_lightness")
    shown_as: ClassVar[str]
    shown_beside: ClassVar[tuple[str, ...]] = ()
    channels: int
    enlarges: int = 1  # how many times larger the pictures are that it stands for than those that people have
    keeps_lightness: bool  # whether `kept_lightness` gives one

    def input(self, rgb: Tensor) -> Tensor:
        """What the network sees of pictures. rgb: (N, 3, H, W) float in [0, 1]. Gives (N, channels, H, W)."""
        raise NotImplementedError

    def lightness(self, inputs: Tensor) -> Tensor:
        """What the input tells of the picture's brightness: (N, 1, H, W) CIELAB L."""
        raise NotImplementedError

    def enlarge(self, small: Tensor) -> Tensor:
        """The input for pictures that are small already, where the task enlarges: (N, 3, h, w) float in [0, 1]."""
        raise NotImplementedError

    def kept_lightness(self, inputs: Tensor) -> Tensor | None:
        """The brightness to keep when decoding, or None to show the network's own."""
        return self.lightness(inputs) if self.keeps_lightness else None

    def view(self, inputs: Tensor) -> Tensor:
        """The input as a person sees it, (N, 3, H, W) float in [0, 1]."""
        raise NotImplementedError

    def baselines(self, inputs: Tensor) -> dict[str, Tensor]:
        """Pictures made from the input without learning, by name: what any network has to beat."""
        raise NotImplementedError
