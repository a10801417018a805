"""Super-resolution: what the network sees, what costs nothing, and that everything works with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from huesweep.color.spaces import rgb_to_lab
from huesweep.colorizer.colorizer import Colorizer
from huesweep.data.tasks.super_resolution import SuperResolution
from huesweep.errors import UsageError
from huesweep.inference.enlarge import enlarge
from huesweep.training.folder import TrialFolder
from tests.conftest import SMALL, train


def test_each_square_shows_its_average() -> None:
    rgb = torch.arange(3 * 4 * 4, dtype=torch.float32).view(1, 3, 4, 4) / 48
    seen = SuperResolution(2, "predicted").input(rgb)
    for channel, row, column in np.ndindex(3, 2, 2):
        square = slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2)
        assert torch.allclose(seen[0, channel][square], rgb[0, channel][square].mean())


def test_four_is_what_the_assignment_does_in_two_steps(generator: torch.Generator) -> None:
    rgb = torch.rand(2, 3, 32, 32, generator=generator)
    halve, double = nn.AvgPool2d(2), nn.Upsample(scale_factor=2)
    torch.testing.assert_close(SuperResolution(4, "predicted").input(rgb), double(double(halve(halve(rgb)))))


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("size", [(8, 8), (9, 11), (4, 5)])
def test_any_size_works(factor: int, size: tuple[int, int], generator: torch.Generator) -> None:
    task = SuperResolution(factor, "keep")  # type: ignore[arg-type]
    rgb = torch.rand(2, 3, *size, generator=generator)
    inputs = task.input(rgb)
    assert inputs.shape == rgb.shape
    assert {name: found.shape for name, found in task.baselines(inputs).items()} == dict.fromkeys(
        ("nearest", "bilinear", "bicubic"), rgb.shape
    )
    lightness = task.kept_lightness(inputs)
    assert lightness is not None
    torch.testing.assert_close(lightness, rgb_to_lab(task.baselines(inputs)["bicubic"])[:, :1])


def test_bicubic_agrees_with_enlarging_the_shrunken_picture(generator: torch.Generator) -> None:
    rgb = torch.rand(1, 3, 16, 16, generator=generator)
    small = torch.nn.functional.avg_pool2d(rgb, 2)
    expected = torch.nn.functional.interpolate(small, (16, 16), mode="bicubic", align_corners=False).clamp(0, 1)
    task = SuperResolution(2, "predicted")
    torch.testing.assert_close(task.baselines(task.input(rgb))["bicubic"], expected)


def test_other_factors_and_tiny_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"2 or 4.*input_value=3"):
        SuperResolution(3, "keep")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"task\.factor=2.*1x8"):
        SuperResolution(2, "keep").input(torch.zeros(1, 3, 8, 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ["target.colors=4"],
        ["target=rgb", "loss=mse", "task.factor=2"],
        ["target=ab", "loss=l1", "task.luminance=keep", "model=toronto_unet"],
    ],
)
def test_every_target_trains_and_enlarges(
    configure: Callable[..., dict[str, Any]], tmp_path: Path, overrides: list[str]
) -> None:
    small = [override for override in SMALL if not override.startswith(("target.", "model."))]
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure(*small, "task=super_resolution", *overrides, small=False), folder)
    assert result["baselines"]["test"].keys() == {"nearest", "bilinear", "bicubic", "ceiling"}
    with Image.open(folder.path / "pictures" / "epoch-0002.png") as grid:
        grid.verify()
    colorizer = Colorizer.load(folder.best)
    photo = torch.randint(0, 256, (3, 21, 300), dtype=torch.uint8)
    factor = 2 if "task.factor=2" in overrides else 4
    assert enlarge(colorizer, photo, torch.device("cpu")).shape == (3, 21 * factor, 300 * factor)


def test_chroma_alone_needs_a_brightness_to_keep(configure: Callable[..., dict[str, Any]]) -> None:
    from huesweep.training.assembly import assemble

    with pytest.raises(UsageError, match=r"target=ab.*task\.luminance=keep"):
        assemble(configure("task=super_resolution", "target=ab", "loss=mse", small=False))
