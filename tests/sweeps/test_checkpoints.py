"""What `ckpt` means."""

from pathlib import Path
from typing import Any

import pytest

from huesweep.errors import UsageError
from huesweep.resources import BUNDLED
from huesweep.sweeps.checkpoints import find_checkpoint, find_checkpoints
from huesweep.sweeps.manifest import Manifest
from tests.sweeps.trials import scores, write_trial


def with_checkpoint(sweep: Path, name: str, psnr: float, **also: Any) -> Path:
    trial = write_trial(sweep, name, psnr, **also)
    (trial / "checkpoints").mkdir()
    (trial / "checkpoints" / "best.ckpt").write_bytes(b"")
    return trial / "checkpoints" / "best.ckpt"


def test_nothing_means_the_one_that_comes_along() -> None:
    assert find_checkpoint("", "psnr") == BUNDLED
    assert find_checkpoints("") == {"photographs": BUNDLED}


def test_a_sweep_means_its_best_trial(tmp_path: Path) -> None:
    with_checkpoint(tmp_path, "a", 20.0)
    best = with_checkpoint(tmp_path, "b", 23.0)
    assert find_checkpoint(str(tmp_path), "psnr") == best
    assert find_checkpoint(str(tmp_path / "a"), "psnr") == tmp_path / "a" / "checkpoints" / "best.ckpt"
    assert find_checkpoint(str(best), "psnr") == best
    with pytest.raises(UsageError, match="top5"):
        find_checkpoint(str(tmp_path), "top5")


def test_a_sweeps_best_trial_is_that_of_its_own_score(tmp_path: Path) -> None:
    worse = {"validation": scores(23.0, cf_gap=9.0)}
    trials = [with_checkpoint(tmp_path, "a", 20.0), with_checkpoint(tmp_path, "b", 23.0, **worse)]
    assert find_checkpoint(str(tmp_path)) == trials[1]
    for name in "ab":  # as its trials say
        (tmp_path / name / "config.yaml").write_text("sweep:\n  rank: cf_gap\n")
    assert find_checkpoint(str(tmp_path)) == trials[0]
    Manifest(tmp_path).begin(["a", "b"], 2, "psnr")  # as its last start says
    assert find_checkpoint(str(tmp_path)) == trials[1]
    Manifest(tmp_path).begin(["a", "b"], 2, "cf_gap")
    assert find_checkpoint(str(tmp_path)) == trials[0]
    assert find_checkpoint(str(tmp_path), "psnr") == trials[1]


@pytest.mark.parametrize("said", ["../x", "lpips", ""])
def test_a_score_that_ranks_nothing_is_not_taken_from_a_sweep(tmp_path: Path, said: str) -> None:
    with_checkpoint(tmp_path, "a", 20.0)
    best = with_checkpoint(tmp_path, "b", 23.0)
    Manifest(tmp_path).begin(["a", "b"], 2, said)
    assert find_checkpoint(str(tmp_path)) == best


def test_a_sweep_means_its_best_trial_however_its_folders_are_called(tmp_path: Path) -> None:
    with_checkpoint(tmp_path / "unet", "0", 20.0)
    best = with_checkpoint(tmp_path / "yeung" / "deeper", "0", 23.0)
    with_checkpoint(tmp_path, "plain", 21.0)
    assert find_checkpoint(str(tmp_path), "psnr") == best
    assert find_checkpoint(str(tmp_path / "unet"), "psnr") == tmp_path / "unet" / "0" / "checkpoints" / "best.ckpt"


def test_trials_of_one_name_in_two_sweeps_are_both_there(tmp_path: Path) -> None:
    places = [with_checkpoint(tmp_path / sweep, "same", 20.0) for sweep in ("x", "y")]
    places.append(with_checkpoint(tmp_path / "x", "other", 20.0))
    found = find_checkpoints(str(tmp_path))
    assert sorted(found.values()) == sorted(places)
    assert set(found) == {"x/same", "y/same", "other"}


def test_files_and_trials_of_one_name_are_all_there(tmp_path: Path) -> None:
    trial = with_checkpoint(tmp_path, "trial", 20.0)
    names = ("network.ckpt", "network.onnx", "other.onnx", "trial.ckpt")
    for name in names:
        (tmp_path / name).write_bytes(b"")
    expected = {name.removesuffix("other.onnx") or "other": tmp_path / name for name in names}
    assert find_checkpoints(str(tmp_path)) == {"trial": trial, **expected}


def test_of_several_the_best_is_the_first_to_choose(tmp_path: Path) -> None:
    for name, psnr in (("a", 20.0), ("b", 23.0), ("c", 21.0)):
        with_checkpoint(tmp_path, name, psnr)
    assert list(find_checkpoints(str(tmp_path))) == ["b", "c", "a"]


@pytest.mark.parametrize("given", ["nowhere", "empty"])
def test_a_place_without_checkpoints_is_refused(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    for find in (lambda path: find_checkpoint(path, "psnr"), find_checkpoints):
        with pytest.raises(UsageError, match=given):
            find(str(tmp_path / given))
