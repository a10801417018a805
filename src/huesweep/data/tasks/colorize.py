"""Colorization: the network sees the picture in grayscale."""

from torch import Tensor

from huesweep.color.grayscale import check_formula, lightness_of, to_gray
from huesweep.color.spaces import lightness_to_gray
from huesweep.data.tasks.base import Task
from huesweep.errors import unknown


class Colorize(Task):
    """gray: one of the named grayscale formulas. luminance: `keep` the input's, or show the network's, `predicted`."""

    name = "colorize"
    shown_as = "gray"
    channels = 1

    def __init__(self, gray: str, luminance: str) -> None:
        self.gray = check_formula(gray)
        if luminance not in ("keep", "predicted"):
            raise unknown("task.luminance", luminance, ("keep", "predicted"))
        self.keeps_lightness = luminance == "keep"

    def input(self, rgb: Tensor) -> Tensor:
        return to_gray(rgb, self.gray)

    def lightness(self, inputs: Tensor) -> Tensor:
        return lightness_of(inputs, self.gray)

    def view(self, inputs: Tensor) -> Tensor:
        return lightness_to_gray(lightness_of(inputs, self.gray)).repeat(1, 3, 1, 1)

    def baselines(self, inputs: Tensor) -> dict[str, Tensor]:
        return {"gray": self.view(inputs)}
