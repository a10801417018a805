"""Many photos from file to file, with a checkpoint that enlarges: what it can't follow is told, not passed over."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.colorizer.coloring import ColorizeOptions
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.inference.pipeline import Files, PhotoPipeline
from huesweep.training.assembly import assemble
from tests.conftest import SMALL, compose_trial

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def enlarger(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Colorizer:
    config = compose_trial(tmp_path_factory.mktemp("enlarger"), cache, *SMALL, "task=super_resolution", "task.factor=2")
    colorizer = assemble(config).module.colorizer.eval()
    colorizer.target.fit(torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8), 0)
    return colorizer


@pytest.mark.parametrize(
    ("options", "files", "named"),
    [
        (ColorizeOptions(samples=2), Files(), "samples="),
        (ColorizeOptions(saturation=1.5), Files(), "saturation="),
        (ColorizeOptions(detail=2.0), Files(), "detail="),
        (ColorizeOptions(), Files(compare=True), "compare="),
    ],
)
def test_options_of_coloring_are_refused(
    enlarger: Colorizer, options: ColorizeOptions, files: Files, named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        PhotoPipeline(enlarger, options, files, CPU)


@pytest.mark.parametrize(("mode", "named"), [("RGBA", "transparency"), ("I;16", "16 bits")])
def test_what_enlarging_would_lose_is_told(enlarger: Colorizer, tmp_path: Path, mode: str, named: str) -> None:
    levels = np.arange(64, dtype=np.uint16).reshape(8, 8) * 900 if mode == "I;16" else np.full((8, 8, 4), 90, np.uint8)
    Image.fromarray(levels).save(tmp_path / "photo.png")
    pipeline = PhotoPipeline(enlarger, ColorizeOptions(), Files(), CPU)
    (outcome,) = pipeline.process([tmp_path / "photo.png"], "", True)
    assert isinstance(outcome, str)
    assert named in outcome
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_a_photo_is_enlarged(enlarger: Colorizer, tmp_path: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)).save(tmp_path / "photo.png")
    (outcome,) = PhotoPipeline(enlarger, ColorizeOptions(), Files(), CPU).process([tmp_path / "photo.png"], "", True)
    assert outcome == [tmp_path / "photo-enlarged.png"]
    assert Image.open(outcome[0]).size == (24, 18)


def test_a_turned_photo_is_enlarged_upright(enlarger: Colorizer, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)).save(path, exif=exif)
    (outcome,) = PhotoPipeline(enlarger, ColorizeOptions(), Files(), CPU).process([path], "", True)
    assert not isinstance(outcome, str)
    assert Image.open(outcome[0]).size == (18, 24)


def test_what_a_network_refuses_fails_its_photos_alone(
    by_lightness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorizer = Colorizer.load(by_lightness / "checkpoints" / "best.ckpt")
    for name, size in (("a", (12, 8)), ("b", (12, 8)), ("c", (8, 12))):
        Image.new("RGB", size, "gray").save(tmp_path / f"{name}.png")
    usual = colorizer.network.forward

    def forward(x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] > x.shape[-2]:
            raise UsageError("too much memory")
        return usual(x)

    monkeypatch.setattr(colorizer.network, "forward", forward)
    photos = sorted(tmp_path.glob("*.png"))
    outcomes = list(PhotoPipeline(colorizer, ColorizeOptions(), Files(), CPU).process(photos, "", False))
    failed = sorted(outcome for outcome in outcomes if isinstance(outcome, str))
    assert failed == [f"img={tmp_path / name}.png: too much memory" for name in "ab"]
    assert [tmp_path / "c-colored.png"] in outcomes


def test_a_result_too_wide_for_its_format_is_refused_before_the_work(
    by_lightness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorizer = Colorizer.load(by_lightness / "checkpoints" / "best.ckpt")
    monkeypatch.setattr(colorizer.network, "forward", None)  # is not called
    Image.new("RGB", (6000, 4), "red").save(tmp_path / "a.webp")
    pipeline = PhotoPipeline(colorizer, ColorizeOptions(), Files(compare=True), CPU)
    (outcome,) = pipeline.process([tmp_path / "a.webp"], "", True)
    assert outcome == (
        f"out={tmp_path}/a-compared.webp would have 18000x4 pixels, and WEBP takes no more than 16383 a side: "
        "add format=png or tiff"
    )


def test_transparency_that_a_format_does_not_keep_is_refused_before_the_work(
    by_lightness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorizer = Colorizer.load(by_lightness / "checkpoints" / "best.ckpt")
    monkeypatch.setattr(colorizer.network, "forward", None)  # is not called
    Image.new("RGBA", (8, 8), (200, 0, 0, 90)).save(tmp_path / "a.png")
    pipeline = PhotoPipeline(colorizer, ColorizeOptions(), Files(format="jpg"), CPU)
    (outcome,) = pipeline.process([tmp_path / "a.png"], "", True)
    assert outcome == f"out={tmp_path}/a-colored.jpg: JPEG keeps no transparency; add format=png, webp or tiff"
