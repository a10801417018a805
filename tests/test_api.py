"""The interface for notebooks: load, train and results."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

import huesweep
from huesweep.colorizer.colorizer import Colorizer


def patches(count: int = 24) -> np.ndarray:
    photo = data.astronaut()
    places = np.random.default_rng(0).integers(0, 400, (count, 2))
    return np.stack([photo[top : top + 32, left : left + 32] for top, left in places])


def test_the_one_that_comes_along_is_loaded_without_a_path() -> None:
    colorizer = huesweep.load()
    assert isinstance(colorizer, Colorizer)
    assert colorizer.color(data.astronaut()[:32, :32]).shape == (32, 32, 3)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    places = tmp_path / "Zoë's (best) colors, 50%"
    small = ["model.encoder.widths=[4,8]", "batch.size=8", "trainer.accelerator=cpu", f"paths.cache={tmp_path}/cache"]
    result = huesweep.train(patches(), max_epochs=1, outputs=places, overrides=small)
    assert result.folder.is_relative_to(places)


def test_training_on_arrays_gives_a_colorizer_scores_and_a_folder(tmp_path: Path) -> None:
    small = ["model.encoder.widths=[4,8]", "batch.size=8", "trainer.accelerator=cpu", f"paths.cache={tmp_path}/cache"]
    arguments = {"model": "unet_s", "target": "ab", "max_epochs": 2, "outputs": tmp_path, "overrides": small}
    result = huesweep.train(patches(), **arguments)
    assert {"psnr", "ssim"} <= set(result.scores)
    assert (result.folder / "result.json").exists()
    assert result.folder.is_relative_to(tmp_path)
    assert result.colorizer.color(patches()[0]).shape == (32, 32, 3)
    again = huesweep.train(list(patches()), **arguments)  # the same pictures, the same trial
    assert again.folder == result.folder
    assert again.scores == result.scores
    table = huesweep.results(result.folder)
    assert table.loc[0, "psnr"] == result.scores["psnr"]
    assert "gray" in set(table["model"])


@pytest.mark.parametrize(
    ("arrays", "options", "named"),
    [
        ([], {}, "several pictures"),
        (np.zeros((4, 8, 8), np.uint8)[0], {}, "several pictures"),
        ([np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)], {}, r"\(8, 9\)"),
        (np.zeros((4, 8, 8, 3), np.int32), {}, "int32"),
        (np.zeros((4, 8, 8, 3), np.uint8), {"model": "unett"}, "unet"),
        (np.zeros((4, 8, 8, 3), np.uint8), {"target": "lab"}, "ab"),
        (np.zeros((4, 8, 8, 3), np.uint8), {"max_epochs": 0}, "max_epochs"),
    ],
)
def test_what_cannot_be_trained_is_a_value_error(
    tmp_path: Path, arrays: object, options: dict[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        huesweep.train(arrays, outputs=tmp_path, **options)


def test_a_folder_without_results_is_a_value_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no finished trial"):
        huesweep.results(tmp_path)
