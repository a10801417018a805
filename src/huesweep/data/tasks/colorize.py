"""Colorization: the network sees the picture in grayscale."""

from typing import Literal

from torch import Tensor

from huesweep.color.grayscale import Formula, lightness_of, to_gray
from huesweep.color.spaces import lightness_to_gray
from huesweep.data.tasks.base import Task


class Colorize(Task):
    """gray: one of the named grayscale formulas. luminance: `keep` the input's, or show the network's, `predicted`."""

    name = "colorize"
    shown_as = "gray"
    channels = 1

    def __init__(self, gray: Formula, luminance: Literal["keep", "predicted"]) -> None:
        self.gray = gray
        self.keeps_lightness = luminance == "keep"

    def input(self, rgb: Tensor) -> Tensor:
        return to_gray(rgb, self.gray)

    def lightness(self, inputs: Tensor) -> Tensor:
        return lightness_of(inputs, self.gray)

    def view(self, inputs: Tensor) -> Tensor:
        return lightness_to_gray(lightness_of(inputs, self.gray)).repeat(1, 3, 1, 1)

    def baselines(self, inputs: Tensor) -> dict[str, Tensor]:
        return {"gray": self.view(inputs)}
