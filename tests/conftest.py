"""What several tests need: real data, small trials, and a home for what they write."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.core.hydra_config import HydraConfig
from torchvision.models import alexnet

from huesweep.sweeps import composition
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder

SMALL = (  # a trial of seconds: two steps an epoch on few small patches
    "data.train=64",
    "data.validation=16",
    "data.test=16",
    "batch.size=32",
    "trainer.max_epochs=2",
    "trainer.accelerator=cpu",
    "model.encoder.widths=[4,8]",
    "target.colors=4",
    "examples.count=2",
)


def pytest_collection_finish() -> None:
    """Leave what the libraries hold out of every search for garbage, which takes a tenth of composing otherwise."""
    gc.collect()
    gc.freeze()


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Tell how files differ in a line: pytest's own comparison of two pictures' bytes takes half an hour."""
    if not (isinstance(left, bytes) and isinstance(right, bytes)) or max(len(left), len(right)) < 1000:
        return None
    return [f"{len(left):,} bytes {op} {len(right):,} bytes"]


def once(*overrides: str) -> list[str]:
    """Overrides without those that a later one would replace, which a command line may not hold."""
    return list({override.partition("=")[0].lstrip("+"): override for override in overrides}.values())


@pytest.fixture(scope="session")
def data_root() -> Path:
    """A folder with real pictures in their publishers' layouts."""
    root = os.environ.get("DATA_ROOT")
    if not root:
        pytest.skip("DATA_ROOT names no folder with real CIFAR-10 pictures")
    return Path(root)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of packs and fits for all tests."""
    return tmp_path_factory.mktemp("cache")


def train(config: dict[str, Any], folder: TrialFolder) -> dict[str, Any]:
    """Train a composed trial in a folder, and give its result."""
    return ColorizationTrial(config, folder).train()


def compose_trial(outputs: Path, cache: Path, *overrides: str) -> dict[str, Any]:
    """conf/train.yaml with overrides, as plain values, writing only below the given folders, without wandb."""
    paths = [f"paths.outputs={outputs}", f"paths.cache={cache}", "logger.wandb.mode=disabled"]
    return composition.compose_trial([*paths, *overrides])


@pytest.fixture(autouse=True)
def command_forgotten() -> Iterator[None]:
    """Hydra keeps the configuration of a command after its end: the next test's trial is not of that command."""
    yield
    HydraConfig.instance().cfg = None


@pytest.fixture
def configure(tmp_path: Path, cache: Path) -> Callable[..., dict[str, Any]]:
    """Composes a trial, a small one unless told otherwise, that writes below the test's folder and the shared cache."""

    def composed(*overrides: str, small: bool = True) -> dict[str, Any]:
        return compose_trial(tmp_path / "outputs", cache, *(SMALL if small else ()), *overrides)

    return composed


@pytest.fixture
def generator() -> torch.Generator:
    """Random numbers that are the same in every run."""
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session")
def alexnet_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of torch with AlexNet's file, as torchvision would have downloaded it, with weights drawn at random."""
    home = tmp_path_factory.mktemp("torch")
    (home / "hub" / "checkpoints").mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(alexnet().state_dict(), home / "hub" / "checkpoints" / "alexnet-owt-7be5be79.pth")
    return home


@pytest.fixture
def drawn_weights(alexnet_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets torchvision find AlexNet's file, with weights drawn at random."""
    monkeypatch.setenv("TORCH_HOME", str(alexnet_home))
