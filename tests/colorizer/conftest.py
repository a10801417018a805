"""A small checkpoint, without training."""

from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.format import PREFIX
from huesweep.training.assembly import assemble
from tests.conftest import SMALL, compose_trial


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> dict[str, Any]:
    """What a checkpoint of a small U-Net holds, with weights as they are drawn."""
    config = compose_trial(tmp_path_factory.mktemp("held"), cache, *SMALL)
    colorizer = assemble(config).module.colorizer
    weights = {f"{PREFIX}{name}": value for name, value in colorizer.state_dict().items()}
    return {"huesweep": colorizer.description, "state_dict": weights}


@pytest.fixture
def checkpoint(held: dict[str, Any], tmp_path: Path) -> Path:
    """Its file."""
    torch.save(held, tmp_path / "small.ckpt")
    return tmp_path / "small.ckpt"
