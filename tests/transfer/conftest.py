"""Colorizers that have learned nothing, and pictures whose classes are easily told apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from PIL import Image

from huesweep.configuration import plain
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training import history
from huesweep.training.assembly import assemble
from tests.conftest import compose_trial

CLASSES = ("dark", "light")
NETWORK = ("model.encoder.widths=[4,8]", "target.colors=4")


@pytest.fixture(scope="session")
def ckpt(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A checkpoint of a small U-Net that was never trained."""
    home = tmp_path_factory.mktemp("ckpt")
    path = home / "unet.ckpt"
    assemble(compose_trial(home, cache, *NETWORK, "data.train=64")).module.colorizer.save(path)
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 noisy pictures of 8x8 in two classes, which differ in their brightness."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = torch.Generator().manual_seed(1)
    for level, name in zip((60, 150), CLASSES, strict=True):
        (folder / name).mkdir()
        for number in range(30):
            pixels = level + torch.randint(0, 50, (8, 8, 3), generator=generator, dtype=torch.uint8)
            Image.fromarray(pixels.numpy()).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def transfer(tmp_path: Path, cache: Path, ckpt: Path, pictures: Path) -> Callable[..., dict[str, Any]]:
    """Composes a small transfer of `ckpt` to `pictures`; ~NAME leaves an option to conf/."""

    def composed(*overrides: str) -> dict[str, Any]:
        register_with_hydra()
        usual = [
            *(f"ckpt={ckpt}", "data=folder", f"data.root={pictures}", "data.size=8", "data.validation=0.25"),
            *("trainer.max_epochs=2", "epoch_steps=3", "batch.size=10", "trainer.accelerator=cpu", "logger=none"),
            *(f"paths.outputs={tmp_path}/outputs", f"paths.cache={cache}"),
        ]
        given = {override.partition("=")[0]: override for override in (*usual, *overrides)}
        left_out = {override.removeprefix("~") for override in overrides if override.startswith("~")}
        with initialize_config_dir(str(CONF)):
            config = compose("transfer", [text for name, text in given.items() if name.lstrip("~") not in left_out])
        OmegaConf.resolve(config)
        return plain(config)

    return composed


@pytest.fixture(autouse=True)
def _without_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes time and changes nothing of the training."""
    monkeypatch.setattr(history, "draw_curves", lambda _rows: b"")
