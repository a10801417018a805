"""Starting again where an earlier start was killed or the disk has damaged what it left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history
from tests.conftest import train
from tests.training.steps import Steps
from tests.training.test_run import assert_same_weights

Configure = Callable[..., dict[str, Any]]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    """Change a bit in the largest tensor of a checkpoint."""
    state = torch.load(path, weights_only=True)["state_dict"]
    largest = max(state.values(), key=lambda tensor: tensor.numel())
    content = bytearray(path.read_bytes())
    content[content.index(bytes(largest.untyped_storage().tolist()))] ^= 1
    path.write_bytes(bytes(content))


@pytest.fixture
def broken(configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], TrialFolder]:
    """A trial that died in its second epoch, and its configuration."""
    config, folder = configure(), TrialFolder(tmp_path / "trial")
    with monkeypatch.context() as patch:
        steps = Steps(patch)
        steps.at = {3: steps.power_goes_out}
        with pytest.raises(RuntimeError, match="the power went out"):
            train(config, folder)
    return config, folder


@pytest.mark.slow
@pytest.mark.parametrize("damage", [cut, flip])
def test_a_damaged_last_checkpoint_starts_the_trial_anew(
    broken: tuple[dict[str, Any], TrialFolder], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    config, folder = broken
    damage(folder.last)
    for name in ("checkpoints/.last.ckpt.abcd1234.part", "pictures/.curves.png.abcd1234.part"):
        (folder.path / name).write_bytes(b"left by a killed process")
    result = train(config, folder)
    whole = TrialFolder(tmp_path / "whole")
    assert result["test"] == train(config, whole)["test"]
    assert_same_weights(folder.last, whole.last)
    assert [row["epoch"] for row in read_history(folder.path)] == [1, 2]
    assert list(folder.path.rglob("*.part")) == []


@pytest.mark.parametrize("damage", [cut, flip])
def test_a_damaged_best_checkpoint_is_named(
    broken: tuple[dict[str, Any], TrialFolder], damage: Callable[[Path], None]
) -> None:
    config, folder = broken
    damage(folder.best)
    with pytest.raises(UsageError, match=rf"{folder.best} is damaged .*remove {folder.checkpoints}"):
        train(config, folder)
    with pytest.raises(UsageError, match=str(folder.best)):
        Colorizer.load(folder.best)


@pytest.mark.slow
def test_damaged_fits_and_scores_are_made_again(configure: Configure, tmp_path: Path) -> None:
    config = configure("trainer.max_epochs=1", f"paths.cache={tmp_path}/cache")
    expected = train(config, TrialFolder(tmp_path / "a"))
    kept = [path for name in ("fits", "baselines") for path in (tmp_path / "cache" / name).iterdir()]
    whole = {path: path.read_bytes() for path in kept}
    for path in kept:
        cut(path)
    found = train(config, TrialFolder(tmp_path / "b"))
    assert (found["test"], found["baselines"]) == (expected["test"], expected["baselines"])
    assert {path: path.read_bytes() for path in kept} == whole
