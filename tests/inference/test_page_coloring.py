"""What the page shows of a photo and tells of its file."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from huesweep.color.targets.palette import PaletteTarget
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.inference.expectation import purpose, warning
from huesweep.inference.page import _fit, _in_words, _options
from huesweep.inference.page_coloring import PageColoring
from huesweep.inference.photos import result_paths
from huesweep.resources import BUNDLED
from tests.inference.photographs import photograph

PATCHES = Path(__file__).parents[1] / "colorizer" / "version2" / "best.ckpt"


@pytest.fixture(scope="module")
def coloring() -> PageColoring:
    return PageColoring({"bundled": BUNDLED}, torch.device("cpu"), 1)


def test_what_is_left_aside_is_told(coloring: PageColoring, tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "scan.tif") as file:
        file.write(photograph(40, 30), photometric="rgb", iccprofile=b"damaged" * 30)
        file.write(photograph(40, 30), photometric="rgb")
    colored = coloring.color(tmp_path / "scan.tif", "bundled", {})
    assert colored.told == ["its color profile is damaged and left aside", "the first of 2 pages is taken"]
    assert colored.size == (40, 30)
    assert colored.files[0].name == "scan-colored.tif"
    whole = Image.fromarray(photograph(40, 30))
    whole.save(tmp_path / "whole.png")
    assert coloring.color(tmp_path / "whole.png", "bundled", {}).told == []


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_gray_photo_is_shown_once(coloring: PageColoring, tmp_path: Path, mode: str) -> None:
    gray = Image.fromarray(photograph(40, 30)).convert("L").convert(mode)
    gray.save(tmp_path / "gray.jpg")
    colored = coloring.color(tmp_path / "gray.jpg", "bundled", {})
    assert colored.original is None
    assert (
        np.abs(
            colored.gray.astype(int)[..., :1] - np.asarray(Image.open(tmp_path / "gray.jpg").convert("L"))[..., None]
        ).max()
        <= 1
    )
    sepia = np.asarray(gray.convert("RGB")) * np.array([1, 0.85, 0.7])
    Image.fromarray(sepia.astype(np.uint8)).save(tmp_path / "sepia.png")
    original = coloring.color(tmp_path / "sepia.png", "bundled", {}).original
    assert original is not None
    assert (original == sepia.astype(np.uint8)).all()


def test_results_are_named_as_predict_names_them(coloring: PageColoring, tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 245}.png"
    Image.fromarray(photograph(40, 30)).save(path)
    (file,) = coloring.color(path, "bundled", {}).files
    assert [file.name] == [result.name for result in result_paths(path, "", False, ["colored"], None, 1)]
    assert file.is_file()


def test_what_a_network_is_good_for_is_told(coloring: PageColoring) -> None:
    assert purpose(coloring.load("bundled")) == "Colors a photo in one way. Made for whole photos."
    assert warning(coloring.load("bundled")) == ""
    patches = Colorizer.load(PATCHES)
    assert purpose(patches).startswith("Colors a photo in several ways to choose from. ")
    assert purpose(patches).endswith(warning(patches))
    assert warning(patches).startswith("Trained on pictures of 32 × 32 pixels: ")


def test_the_page_colors_as_predict_does_until_somebody_asks_for_more_variety(trial: Path) -> None:
    coloring = PageColoring({"trial": trial / "checkpoints" / "best.ckpt"}, torch.device("cpu"), 120)
    target = coloring.load("trial").target
    assert isinstance(target, PaletteTarget)
    target.temperature = 0.25
    _, slider, _, _ = _fit(coloring, "trial")
    assert slider.value == 0.25
    settings = ("trial", "accurate", 1.0, 1.0, 1)
    assert _options(coloring, *settings, slider.value)["temperature"] is None
    assert _options(coloring, *settings, 0.3)["temperature"] == 0.3


def test_words_tell_all_but_places() -> None:
    known = [Path("/tmp/my photos/1f"), Path("nets")]
    for told, expected in (
        ("img=/tmp/my photos/1f/a b.png can't be read: 1/2 of /x", "a b.png can't be read: 1/2 of /x"),
        ("out=/tmp/my photos/1f/r5/a.png and ckpt=/srv/nets/b.ckpt", "a.png and b.ckpt"),
        ("it is for https://host/of/it, see '/usr/lib/c.so'", "it is for https://host/of/it, see 'c.so'"),
    ):
        assert _in_words(UsageError(told), known) == expected


def test_what_a_checkpoint_says_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("gradio.Warning", shown.append)
    coloring = PageColoring({"bad": tmp_path / "bad.ckpt"}, torch.device("cpu"), 1)

    def load(_: str) -> Colorizer:
        raise UsageError(f"ckpt={tmp_path}/bad.ckpt: model.name=<img src=x> does not exist")

    monkeypatch.setattr(coloring, "load", load)
    _fit(coloring, "bad")
    assert shown == ["bad.ckpt: model.name=&lt;img src=x&gt; does not exist"]
