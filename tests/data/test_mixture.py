"""Several sources as one: shares, classes, sizes, and parts that are none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from huesweep.data.pictures import PictureSet
from huesweep.errors import UsageError
from huesweep.training.assembly import make_source

Configure = Callable[..., dict[str, Any]]


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    """Two folders: reds of two classes, 24 pixels; greens of one class, 40 pixels, with a test folder."""
    for folder, count, color, side in (
        ("reds/cat", 12, (1, 0, 0), 24),
        ("reds/dog", 8, (1, 0, 0), 24),
        ("greens/train/cat", 10, (0, 1, 0), 40),
        ("greens/test/cat", 4, (0, 1, 0), 40),
    ):
        (tmp_path / folder).mkdir(parents=True)
        for n in range(count):
            level = 100 + 5 * n
            Image.new("RGB", (side, side), tuple(level * c for c in color)).save(tmp_path / folder / f"{n}.png")
    return {"reds": tmp_path / "reds", "greens": tmp_path / "greens"}


def mixture(configure: Configure, *parts: str) -> Any:
    config = configure("data=mixture", "data.size=16", f"data.parts=[{','.join(parts)}]", small=False)
    return make_source(config["data"])


def colors(pictures: PictureSet) -> list[str]:
    return ["red" if picture[0].any() else "green" for picture in pictures.pictures]


def test_pictures_of_all_parts_come_with_their_shares(configure: Configure, roots: dict[str, Path]) -> None:
    reds = f"{{data: folder, root: '{roots['reds']}', validation: 0.1, test: 0.1, share: 0.5}}"
    greens = f"{{data: folder, root: '{roots['greens']}', validation: 2, share: 2.5}}"
    source = mixture(configure, reds, greens)
    train = source.load("train")
    assert colors(train).count("red") == 8  # half of 16
    assert colors(train).count("green") == 20  # two and a half times 8
    assert train.pictures.shape[1:] == (3, 16, 16)
    assert train.classes == ["0-folder/cat", "0-folder/dog", "1-folder/cat"]
    assert [train.classes[label] for label in train.labels.tolist()][-1] == "1-folder/cat"
    assert all((label == 2) == (color == "green") for label, color in zip(train.labels, colors(train), strict=True))
    # What scores is each picture once.
    assert colors(source.load("validation")) == ["red", "red", "green", "green"]
    assert colors(source.load("test")).count("green") == 4
    half = mixture(configure, reds, greens[:-1] + ", scored: 0.5}")
    assert colors(half.load("test")).count("green") == 2
    assert colors(half.load("test")).count("red") == colors(source.load("test")).count("red")


def test_parts_of_another_size_are_brought_to_the_mixtures(configure: Configure, roots: dict[str, Path]) -> None:
    greens = f"{{data: folder, root: '{roots['greens']}', validation: 2}}"
    photos = "{data: photos, train: 20, validation: 4, test: 4}"
    train = mixture(configure, photos, greens).load("train")
    assert train.pictures.shape == (28, 3, 16, 16)
    assert torch.equal(train.labels.unique(), torch.arange(len(train.classes)))


def test_the_whole_is_packed_once_and_anew_for_other_shares(configure: Configure, roots: dict[str, Path]) -> None:
    def load(share: float) -> PictureSet:
        return mixture(configure, f"{{data: folder, root: '{roots['reds']}', share: {share}}}").load("train")

    assert len(load(1).pictures) == len(load(1).pictures) == 16
    assert len(load(0.25).pictures) == 4
    assert load(0.25).pictures[0].unique().numel() == 2


def test_a_part_whose_pictures_are_not_there_is_named(configure: Configure, tmp_path: Path) -> None:
    source = mixture(configure, "{data: photos, size: 16}", f"{{data: folder, root: '{tmp_path}/none'}}")
    with pytest.raises(UsageError, match=r"data\.parts\[1\]: data\.root=.*none is not a folder"):
        source.check()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("", r"data\.parts="),
        ("{data: cifra10}", r"data\.parts\[0\]\.data cifra10 .*mean cifar10"),
        ("{share: 2}", r"data\.parts\[0\]\.data"),
        ("{data: photos, share: 0}", r"data\.parts\[0\]\.share=0"),
        ("{data: photos, scored: 2}", r"data\.parts\[0\]\.scored=2 .*at most 1"),
        ("{data: photos, scored: -1}", r"data\.parts\[0\]\.scored=-1"),
        ("{data: photos, share: all}", r"data\.parts\[0\]\.share=all"),
        ("{data: photos},{data: photos, trian: 3}", r"data\.parts\[1\].*trian"),
        ("{data: photos, train: -3}", r"data\.parts\[0\]\.train=-3"),
        ("photos", r"data\.parts\[0\]='photos' must be"),
        ("{data: mixture}", r"data\.parts\[0\]\.data mixture"),
    ],
)
def test_a_part_that_is_none_is_refused_in_words(configure: Configure, parts: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        mixture(configure, parts)
