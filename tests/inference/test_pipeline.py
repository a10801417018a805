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
