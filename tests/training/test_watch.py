"""Recipes that keep no pictures for validation score the test pictures after every epoch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.metrics_file import read_history
from tests.conftest import train

Configure = Callable[..., dict[str, Any]]
NO_VALIDATION = ("data.validation=0", "data.train=64", "data.test=16", "batch.size=32", "target.colors=4")
WATCHED = (*NO_VALIDATION, "trainer.watch=test", "trainer.max_epochs=2", "model.encoder.widths=[4,8]")


def test_the_last_epoch_counts_and_curves_and_scores_are_of_the_test_pictures(
    configure: Configure, tmp_path: Path
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure(*WATCHED, small=False), folder)
    rows = read_history(folder.path)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert not any(name.startswith("val/") for row in rows for name in row)
    assert result["validation"] is None
    for name in ("psnr", "cross_entropy"):
        assert rows[-1][f"test/{name}"] == pytest.approx(result["test"][name], rel=1e-4)
    best, last = (torch.load(path, weights_only=True)["state_dict"] for path in (folder.best, folder.last))
    assert all(torch.equal(best[name], last[name]) for name in best)


def test_validation_pictures_beside_watched_test_pictures_are_refused(configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"trainer\.watch=test is for recipes without"):
        train(configure("trainer.watch=test"), TrialFolder(tmp_path / "trial"))


def test_watching_validation_pictures_is_what_trials_did_before_there_was_a_choice(configure: Configure) -> None:
    config = configure()
    del config["trainer"]["watch"]
    assert config_hash(config) == config_hash(configure())
    assert config_hash(config) != config_hash(configure("trainer.watch=test"))
