"""The named grayscale formulas."""

from typing import get_args

import pytest
import torch
from skimage.color import rgb2lab

from huesweep.color.grayscale import WEIGHTS, Formula, lightness_of, to_gray
from huesweep.data.tasks.colorize import Colorize

ORANGE = torch.tensor([1.0, 0.5, 0.0]).view(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("mean", 0.5),
        ("luma601", 0.299 + 0.2935),
        ("luma709", 0.21 + 0.36),
        ("luma709_byte", 145 / 255),
        ("lab", rgb2lab([1.0, 0.5, 0.0])[0] / 100),
    ],
)
def test_a_formula_gives_what_a_calculation_by_hand_gives(formula: Formula, expected: float) -> None:
    assert to_gray(ORANGE, formula).item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("formula", get_args(Formula))
def test_the_lightness_of_a_gray_picture_is_its_own(formula: Formula) -> None:
    gray = torch.linspace(0, 1, 6).view(1, 1, 1, 6)  # whole levels
    picture = gray.repeat(1, 3, 1, 1)
    expected = rgb2lab(picture[0].movedim(0, -1).numpy())[..., 0]
    assert lightness_of(to_gray(picture, formula), formula)[0, 0].numpy() == pytest.approx(expected, abs=2e-3)


def test_levels_are_cut_off_where_the_sum_of_hundredths_has_a_rest() -> None:
    levels = torch.tensor([[10, 10, 10], [10, 11, 10], [255, 255, 255], [1, 1, 0]])  # 10, 10.72, 255 and 0.93
    gray = to_gray((levels / 255).view(4, 3, 1, 1), "luma709_byte")
    assert (gray * 255).flatten().tolist() == pytest.approx([10, 10, 255, 0], abs=1e-4)


def test_an_unknown_formula_is_refused_with_the_ones_there_are() -> None:
    assert set(get_args(Formula)) == {*WEIGHTS, "lab"}
    with pytest.raises(ValueError, match=r"gray\n.*'luma601', 'luma709', 'luma709_byte' or 'lab'.*luma708"):
        Colorize(gray="luma708", luminance="keep")  # type: ignore[arg-type]
