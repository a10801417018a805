"""Checkpoints to color with."""

from pathlib import Path

import pytest

from huesweep.training.folder import TrialFolder
from tests.conftest import SMALL, compose_trial, train


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A finished trial in a sweep's folder."""
    folder = tmp_path_factory.mktemp("sweep") / "trial"
    train(compose_trial(folder.parent, cache, *SMALL, "target.space=rgb"), TrialFolder(folder))
    return folder


@pytest.fixture(scope="session")
def by_lightness(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A finished trial that predicts chroma from L itself."""
    folder = tmp_path_factory.mktemp("sweep") / "trial"
    train(compose_trial(folder.parent, cache, *SMALL, "task.gray=lab", "target.space=ab"), TrialFolder(folder))
    return folder
