"""A small checkpoint, without training."""

from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.build import build
from huesweep.color.targets.base import Target
from huesweep.models.assembly import build_network
from huesweep.training.assembly import describe
from tests.conftest import SMALL, compose_trial


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> dict[str, Any]:
    """What a checkpoint of a small U-Net holds, with weights as they are drawn."""
    config = compose_trial(tmp_path_factory.mktemp("held"), cache, *SMALL)
    target = build(config["target"], Target, "target")
    network = build_network(config["model"], 1, target.channels)
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    weights |= {f"target.{name}": value for name, value in target.state_dict().items()}
    return {"huesweep": describe(config, 32), "state_dict": weights}


@pytest.fixture
def checkpoint(held: dict[str, Any], tmp_path: Path) -> Path:
    """Its file."""
    torch.save(held, tmp_path / "small.ckpt")
    return tmp_path / "small.ckpt"
