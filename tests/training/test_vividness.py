"""The vivid manner: how strong a trial finds it to be, told in its checkpoint, used wherever pictures are made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor, nn

from huesweep.color.spaces import rgb_to_lab
from huesweep.color.targets.ab import AbTarget
from huesweep.colorizer.colorizer import Colorizer, strengthened
from huesweep.data.tasks.colorize import Colorize
from huesweep.errors import UsageError
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.vividness import find_vividness

Configure = Callable[..., dict[str, Any]]


class _Knows(nn.Module):
    """Gives the true chroma of pictures it was told, weakened, with noise."""

    side, smallest, multiple, views = None, 1, 1, ()

    def __init__(self, pictures: Tensor, share: float, noise: float) -> None:
        super().__init__()
        self.answers = share * AbTarget().encode(pictures / 255)
        self.answers += noise * torch.randn(self.answers.shape, generator=torch.Generator().manual_seed(1))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.answers


def colored(count: int, side: int) -> Tensor:
    """Pictures of moderate colors, uint8."""
    generator = torch.Generator().manual_seed(3)
    coarse = 90 + 70 * torch.rand(count, 3, 4, 4, generator=generator)
    return nn.functional.interpolate(coarse, (side, side), mode="bilinear").round().to(torch.uint8)


def knowing(pictures: Tensor, share: float, noise: float = 0.0) -> Colorizer:
    task = Colorize(gray="lab", luminance="keep")
    return Colorizer(_Knows(pictures.float(), share, noise), task, AbTarget(), {"version": 3}).eval()


@pytest.mark.parametrize(("share", "expected"), [(1.0, 1.0), (0.5, 0.83 / 0.5), (0.35, 0.83 / 0.35)])
def test_right_colors_are_brought_near_the_truths(share: float, expected: float) -> None:
    pictures = colored(20, 16)
    assert find_vividness(knowing(pictures, share), pictures, 20) == pytest.approx(max(expected, 1.0), abs=0.15)


def test_wrong_colors_are_strengthened_less() -> None:
    pictures = colored(20, 16)
    right, wrong = (find_vividness(knowing(pictures, 0.3, noise), pictures, 20) for noise in (0.0, 0.04))
    assert 1.0 <= wrong < right


def test_strengthening_multiplies_chroma_and_leaves_lightness_and_hue() -> None:
    pictures = colored(4, 8).float() / 255
    before, after = (rgb2lab(p.movedim(1, -1).double().numpy()) for p in (pictures, strengthened(pictures, 1.5)))
    np.testing.assert_allclose(after[..., 0], before[..., 0], atol=0.1)
    np.testing.assert_allclose(after[..., 1:], 1.5 * before[..., 1:], atol=0.3)
    assert rgb_to_lab(strengthened(pictures, 0.0))[:, 1:].abs().max() < 0.1


def test_a_trial_tells_its_vividness_in_result_and_checkpoint(configure: Configure, tmp_path: Path) -> None:
    configured = configure("target.space=ab")
    result = ColorizationTrial(configured, TrialFolder(tmp_path / "trial")).train()
    assert 1.0 <= result["vividness"] < 10
    colorizer = Colorizer.load(tmp_path / "trial" / "checkpoints" / "best.ckpt")
    assert colorizer.strength("vivid") == result["vividness"]
    assert colorizer.strength("accurate") == 1.0
    colorizer.save(tmp_path / "small.ckpt", half=True)
    small = Colorizer.load(tmp_path / "small.ckpt")
    assert small.strength("vivid") == result["vividness"]
    assert small.strength(None) == 1.0
    small.description["manner"] = "vivid"
    assert small.strength(None) == result["vividness"]
    # A run that goes on from what a kill left gives the same.
    (tmp_path / "trial" / "result.json").unlink()
    again = ColorizationTrial(configured, TrialFolder(tmp_path / "trial")).train()
    assert again["vividness"] == result["vividness"]


def test_vivid_photos_have_stronger_chroma_at_the_same_lightness() -> None:
    pictures = colored(1, 32)
    colorizer = knowing(pictures, 0.5)
    colorizer.description["vividness"] = 1.6
    photo = pictures[0].movedim(0, -1).numpy()
    accurate, vivid = (rgb2lab(colorizer.color(photo, manner=manner)) for manner in ("accurate", "vivid"))
    np.testing.assert_allclose(vivid[..., 0], accurate[..., 0], atol=0.6)
    strong = np.linalg.norm(vivid[..., 1:], axis=-1).mean() / np.linalg.norm(accurate[..., 1:], axis=-1).mean()
    assert strong == pytest.approx(1.6, abs=0.05)
    inputs = colorizer.task.input(pictures.float() / 255)
    decoded = colorizer.decode(colorizer(inputs), inputs, manner="vivid")[0].movedim(0, -1).double().numpy()
    np.testing.assert_allclose(rgb2lab(decoded), vivid, atol=1.5)


@pytest.mark.parametrize("told", [None, "2", True, 0, -1.0, 11, float("nan")])
def test_a_checkpoint_that_tells_none_is_refused_in_words(told: object) -> None:
    pictures = colored(1, 8)
    colorizer = knowing(pictures, 0.5)
    colorizer.description["vividness"] = told
    assert colorizer.color(pictures[0].movedim(0, -1).numpy()).shape == (8, 8, 3)
    with pytest.raises(UsageError, match=r"manner=vivid.*saturation=1\.5"):
        colorizer.color(pictures[0].movedim(0, -1).numpy(), manner="vivid")
