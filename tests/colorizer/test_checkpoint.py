"""Checkpoints of this version and of the one before: what is saved loads, and colors the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.color.spaces import to_bytes
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.format import CHECKPOINT_VERSION, _part
from huesweep.models.encoders.base import Encoder
from huesweep.resources import BUNDLED
from huesweep.training.assembly import assemble

VERSION2 = Path(__file__).parent / "version2"  # trained and saved by the code that wrote version 2
FIRST = [39, 40, 43, 48, 57, 68, 79, 89, 100, 110, 120, 131, 141, 151, 161, 171]  # what that code made of `waves`, red
SUM = 79078


def waves() -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(0, 1, 12), torch.linspace(0, 1, 16), indexing="ij")
    return torch.stack([x, y, (x + y) / 2])[None]


@torch.inference_mode()
def test_a_checkpoint_of_version_2_colors_as_the_code_did_that_wrote_it() -> None:
    colorizer = Colorizer.load(VERSION2 / "best.ckpt")
    picture = to_bytes(colorizer.predict(waves()))
    assert (picture[0, 0, 0].int() - torch.tensor(FIRST)).abs().max() <= 1
    assert int(picture.sum()) == pytest.approx(SUM, rel=1e-3)


def test_what_training_needed_to_go_on_in_version_2_loads_too() -> None:
    assert Colorizer.load(VERSION2 / "last.ckpt").description["version"] == CHECKPOINT_VERSION


@torch.inference_mode()
def test_a_saved_colorizer_loads_to_the_same(tmp_path: Path) -> None:
    colorizer = Colorizer.load(VERSION2 / "best.ckpt")
    size = colorizer.save(tmp_path / "again.ckpt")
    again = Colorizer.load(tmp_path / "again.ckpt")
    assert (tmp_path / "again.ckpt").stat().st_size == size
    assert again.description == colorizer.description
    assert torch.equal(again.predict(waves()), colorizer.predict(waves()))
    assert not again.training


def test_an_encoder_is_found_under_its_earlier_name(configure: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    colorizer = assemble(configure("model=csc413_pool", "target=ab", "loss=mse", small=False)).module.colorizer
    colorizer.description["model"]["encoder"]["kind"] = "toronto"
    colorizer.save(tmp_path / "earlier.ckpt")
    assert type(Colorizer.load(tmp_path / "earlier.ckpt").network.encoder) is type(colorizer.network.encoder)
    path = "src.models.encoders.toronto.TorontoEncoder"
    assert _part({"_target_": path, "kernel": 3}, Encoder) == {"kind": "csc413", "options": {"kernel": 3}}


def test_half_precision_takes_about_half_the_room(tmp_path: Path) -> None:
    colorizer = Colorizer.load(BUNDLED)
    assert colorizer.save(tmp_path / "half.ckpt", half=True) < 0.6 * colorizer.save(tmp_path / "whole.ckpt")


def test_the_description_names_kinds_and_no_paths() -> None:
    description = Colorizer.load(VERSION2 / "best.ckpt").description
    assert description["model"]["encoder"]["kind"] == "plain"
    assert description["model"]["encoder"]["options"]["widths"] == [4, 8]
    assert description["target"]["kind"] == "palette"
    assert "_target_" not in str(description)
