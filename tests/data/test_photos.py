"""The photos source: enough patches, the same every time, and no region in two splits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.data.pictures import SPLITS
from huesweep.data.sources.photos import PHOTOGRAPHS, PhotosSource, block_boxes, cut_patches
from huesweep.errors import UsageError
from huesweep.training.assembly import assemble

OPTIONS: dict[str, Any] = {"size": 32, "margin": 4, "train": 80, "validation": 16, "test": 16, "seed": 0}


def test_the_default_has_ten_thousand_training_patches_of_every_photograph(configure: Any) -> None:
    train = assemble(configure(small=False)).data.source.load("train")
    assert train.pictures.shape == (10_240, 3, 32, 32)
    assert train.pictures.dtype == torch.uint8
    assert train.labels.bincount().tolist() == [10_240 // len(PHOTOGRAPHS)] * len(PHOTOGRAPHS)
    assert train.classes[0] == "astronaut"


@pytest.mark.slow
def test_patches_repeat_and_differ_with_the_seed(tmp_path: Path) -> None:
    first, again, other = (
        PhotosSource(**{**OPTIONS, "seed": seed}, cache=str(tmp_path / str(index))).load("train").pictures
        for index, seed in enumerate((0, 0, 1))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_splits_come_from_regions_that_are_a_margin_apart(tmp_path: Path) -> None:
    # A photograph whose red and green tell where each pixel is.
    width, height, margin = 250, 240, 6
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    where = Image.fromarray(np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8))
    source = PhotosSource(**{**OPTIONS, "margin": margin}, cache=str(tmp_path))
    covered = {}
    for split in SPLITS:
        covered[split] = np.zeros((height, width), bool)
        for block in source._blocks(where, split, np.random.default_rng(0)):
            pixels = np.asarray(block).reshape(-1, 3)
            covered[split][pixels[:, 1], pixels[:, 0]] = True
        assert covered[split].any()
    for split in SPLITS:
        others = np.any([covered[other] for other in SPLITS if other != split], axis=0)
        rows, columns = np.nonzero(covered[split])
        for row, column in zip(rows[::97], columns[::97], strict=True):
            near = others[
                max(0, row - 2 * margin + 1) : row + 2 * margin, max(0, column - 2 * margin + 1) : column + 2 * margin
            ]
            assert not near.any()


def test_blocks_tile_the_photograph_less_their_margins() -> None:
    boxes = block_boxes((250, 130), margin=5)
    assert boxes == [(5, 5, 120, 125), (130, 5, 245, 125)]


def test_a_patch_at_scale_one_is_cut_out_untouched(generator: torch.Generator) -> None:
    pixels = torch.randint(0, 256, (40, 36, 3), generator=generator, dtype=torch.uint8).numpy()
    patches = cut_patches(Image.fromarray(pixels), 1.0, 32)
    assert patches.shape == (6, 32, 32, 3)
    np.testing.assert_array_equal(patches[3], pixels[4:36, 4:36])


def test_flat_patches_are_left_out() -> None:
    assert cut_patches(Image.new("RGB", (64, 64), (20, 40, 90)), 1.0, 32).shape == (0, 32, 32, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 4}, r"(?s)size.* 8.*input_value=4"),
        ({"margin": -1}, r"(?s)margin.*input_value=-1"),
        ({"margin": 99}, r"data\.margin=99 .*data\.size="),
        ({"train": 0}, r"(?s)train.*input_value=0"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PhotosSource(**{**OPTIONS, **options}, cache=str(tmp_path))


def test_more_patches_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.test=10000000"):
        PhotosSource(**{**OPTIONS, "test": 10_000_000}, cache=str(tmp_path)).load("test")
