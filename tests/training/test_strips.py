"""The strips that a trial keeps of the same few test pictures."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.colorizer import Colorizer
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.training.strips import draw_strip
from tests.conftest import train

SIDE = 32


def pictures_of(path: Path) -> np.ndarray:
    strip = np.asarray(Image.open(path))
    return strip.reshape(SIDE, -1, SIDE, 3).transpose(1, 0, 2, 3)


def test_a_strip_has_its_pictures_side_by_side() -> None:
    levels = torch.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    strip = Image.open(io.BytesIO(draw_strip(levels / 255)))
    assert strip.size == (10, 4)
    for left, picture in zip((0, 5), levels, strict=True):
        np.testing.assert_array_equal(np.asarray(strip)[:, left : left + 5], picture.permute(1, 2, 0).numpy())


def test_a_trial_keeps_what_its_best_checkpoint_made_of_test_pictures(
    configure: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    train(configure(), folder)
    data = assemble(configure()).data
    data.setup()
    chosen = data.splits["test"].pictures  # all 16, as there are no more
    truth = pictures_of(folder.path / "pictures" / "wall-truth.png")
    np.testing.assert_array_equal(truth, chosen.permute(0, 2, 3, 1).numpy())
    given = pictures_of(folder.path / "pictures" / "wall-input.png").astype(int)
    assert np.ptp(given, axis=-1).max() <= 1  # gray
    colorizer = Colorizer.load(folder.best)
    with torch.inference_mode():
        inputs = colorizer.task.input(to_float(chosen))
        made = colorizer.target.decode(colorizer.network(inputs), colorizer.task.kept_lightness(inputs))
    shown = pictures_of(folder.path / "pictures" / "wall.png").astype(int)
    assert np.abs(shown - to_bytes(made).permute(0, 2, 3, 1).numpy()).max() <= 1
