"""Super-resolution: the network sees the picture shrunk and brought back to its size by repeating pixels."""

from typing import Literal

from torch import Tensor, nn

from huesweep.color.spaces import rgb_to_lightness
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError


class SuperResolution(Task):
    """As in the Toronto assignment (CSC421, no. 2): averaged over squares of `factor` pixels, then each repeated.

    factor: 2, or 4, which is what the assignment's twice 2 comes to. luminance: `predicted` shows the network's own
    brightness; `keep` takes that of the picture brought to size by bicubic interpolation, which the target ab needs.
    """

    name = "super_resolution"
    shown_as = "shrunken"
    shown_beside = ("bilinear",)
    channels = 3

    def __init__(self, factor: Literal[2, 4], luminance: Literal["keep", "predicted"]) -> None:
        self.factor = factor
        self.enlarges = factor
        self.keeps_lightness = luminance == "keep"

    def input(self, rgb: Tensor) -> Tensor:
        """Raises UsageError for pictures smaller than one square."""
        height, width = rgb.shape[-2:]
        if min(height, width) < self.factor:
            raise UsageError(f"task.factor={self.factor} is too large for pictures of {width}x{height}")
        small = nn.functional.avg_pool2d(rgb, self.factor, ceil_mode=True, count_include_pad=False)
        return self.enlarge(small)[..., :height, :width]

    def enlarge(self, small: Tensor) -> Tensor:
        """What the network sees of a picture that is small already: each pixel repeated."""
        return small.repeat_interleave(self.factor, -1).repeat_interleave(self.factor, -2)

    def lightness(self, inputs: Tensor) -> Tensor:
        return rgb_to_lightness(self._interpolated(inputs, "bicubic"))

    def view(self, inputs: Tensor) -> Tensor:
        return inputs

    def baselines(self, inputs: Tensor) -> dict[str, Tensor]:
        """The usual ways to enlarge: nearest, bilinear and bicubic."""
        return {"nearest": inputs, **{name: self._interpolated(inputs, name) for name in ("bilinear", "bicubic")}}

    def _interpolated(self, inputs: Tensor, mode: str) -> Tensor:
        height, width = inputs.shape[-2:]
        small = inputs[..., :: self.factor, :: self.factor]
        size = (small.shape[-2] * self.factor, small.shape[-1] * self.factor)
        large = nn.functional.interpolate(small, size, mode=mode, align_corners=False)
        return large[..., :height, :width].clamp(0, 1)
