"""Checkpoints that can't be trusted: hostile, foreign and damaged ones are refused in words."""

import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError


def changed(trial: Path, path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    checkpoint = torch.load(trial / "checkpoints" / "best.ckpt", weights_only=True)
    change(checkpoint)
    torch.save(checkpoint, path)
    return path


class Hostile:
    """Pickles into a call of os.mkdir."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_checkpoint_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    torch.save({"state_dict": Hostile(tmp_path / "ran")}, tmp_path / "hostile.ckpt")
    (tmp_path / "pickled.ckpt").write_bytes(pickle.dumps(Hostile(tmp_path / "ran")))
    for name in ("hostile.ckpt", "pickled.ckpt"):
        with pytest.raises(UsageError, match=name):
            Colorizer.load(tmp_path / name)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["os.system", "huesweep.models.encoders.plain.PlainEncoder", "base", "../plain"])
@pytest.mark.parametrize("part", ["model.encoder", "model.decoder", "task", "target"])
def test_a_checkpoint_names_kinds_and_nothing_else(trial: Path, tmp_path: Path, part: str, kind: str) -> None:
    def rename(checkpoint: dict[str, Any]) -> None:
        node = checkpoint["huesweep"]
        for key in part.split("."):
            node = node[key]
        node["kind"] = kind

    with pytest.raises(UsageError, match=re.escape(kind)):
        Colorizer.load(changed(trial, tmp_path / "renamed.ckpt", rename))


def test_other_files_are_refused_in_words(trial: Path, tmp_path: Path) -> None:
    whole = (trial / "checkpoints" / "best.ckpt").read_bytes()
    (tmp_path / "cut.ckpt").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.ckpt").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip.ckpt", "w") as archive:
        archive.writestr("a", "b")
    for name in ("cut.ckpt", "text.ckpt", "zip.ckpt"):
        with pytest.raises(UsageError, match=name):
            Colorizer.load(tmp_path / name)
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(UsageError, match=r"other\.ckpt"):
        Colorizer.load(tmp_path / "other.ckpt")
    later = changed(trial, tmp_path / "later.ckpt", lambda checkpoint: checkpoint["huesweep"].update(version=99))
    with pytest.raises(UsageError, match=r"later\.ckpt.* 99"):
        Colorizer.load(later)
    misfit = changed(
        trial, tmp_path / "misfit.ckpt", lambda checkpoint: checkpoint["huesweep"]["target"]["options"].update(colors=5)
    )
    with pytest.raises(UsageError, match=r"misfit\.ckpt.*weights"):
        Colorizer.load(misfit)


def test_a_checkpoint_that_would_fetch_files_is_refused(trial: Path, tmp_path: Path) -> None:
    reached: dict[str, Any] = {
        "kind": "timm",
        "options": {
            "name": "resnet18",
            "pretrained": True,
            "stem": "small",
            "maps": None,
            "options": {"pretrained_cfg_overlay": {"url": f"file://{tmp_path}/x.py"}, "cache_dir": str(tmp_path)},
        },
    }
    path = changed(
        trial,
        tmp_path / "a.ckpt",
        lambda held: held["huesweep"]["model"].update(encoder=reached),
    )
    with pytest.raises(UsageError, match=r"model\.encoder\.options\.(cache_dir|pretrained_cfg_overlay)"):
        Colorizer.load(path)


def test_a_checkpoint_reads_no_other_files_weights(trial: Path, tmp_path: Path) -> None:
    def name_another(held: dict[str, Any]) -> None:
        options = {"name": "test_efficientnet", "pretrained": True, "stem": "original", "maps": 2, "options": {}}
        encoder = {"kind": "timm", "options": {**options, "weights": str(tmp_path / "there.pth")}}
        held["huesweep"]["model"].update(encoder=encoder)

    with pytest.raises(UsageError) as told:
        Colorizer.load(changed(trial, tmp_path / "a.ckpt", name_another))
    assert "there.pth" not in str(told.value)
    assert "weights and description disagree" in str(told.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.update(huesweep="text"),
        lambda held: held.update(state_dict=[1]),
        lambda held: held["huesweep"].pop("task"),
        lambda held: held["huesweep"]["model"].pop("encoder"),
        lambda held: held["huesweep"].update(target=3),
    ],
)
def test_a_damaged_description_is_told(trial: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(UsageError, match=r"damaged\.ckpt"):
        Colorizer.load(changed(trial, tmp_path / "damaged.ckpt", change))
