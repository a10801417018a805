"""A colorizer that begins with another one's encoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.naming import model_word

Configure = Callable[..., dict[str, Any]]


def encoder_of(colorizer: Colorizer) -> dict[str, torch.Tensor]:
    return colorizer.network.encoder.state_dict()  # type: ignore[union-attr]


@pytest.fixture
def earlier(configure: Configure, tmp_path: Path) -> TrialFolder:
    """A trial's folder with weights of its own, of another target."""
    folder = TrialFolder(tmp_path / "earlier")
    options = ["target=ab", "loss=mse", "model.encoder.widths=[4,8]", "data.train=64", "seed=7"]
    assemble(configure(*options, small=False)).module.colorizer.save(folder.best)
    return folder


@pytest.mark.parametrize("what", ["path", "best"])
def test_the_encoder_is_taken_and_the_rest_is_drawn(configure: Configure, earlier: TrialFolder, what: str) -> None:
    usual = assemble(configure()).module.colorizer
    config = configure(f"model.encoder.weights={getattr(earlier, what)}")
    started = assemble(config).module.colorizer
    expected = encoder_of(Colorizer.load(earlier.best))
    assert all(torch.equal(value, expected[name]) for name, value in encoder_of(started).items())
    decoders = [colorizer.network.decoder.state_dict() for colorizer in (usual, started)]  # type: ignore[union-attr]
    assert all(torch.equal(value, decoders[0][name]) for name, value in decoders[1].items())
    assert started.description == usual.description  # the weights travel in the checkpoint: it names no file
    assert config_hash(config) != config_hash(configure())
    assert model_word(config["model"]) == "unet_s-widths_4_8-weights_earlier"


def test_without_it_a_trial_is_the_one_that_it_was_before_there_was_a_choice(configure: Configure) -> None:
    config = configure()
    before = configure()
    del before["model"]["encoder"]["weights"]
    assert config_hash(config) == config_hash(before)


def test_networks_that_read_weights_themselves_take_an_encoder_too(configure: Configure, tmp_path: Path) -> None:
    timm = ["model/encoder=timm", "model.encoder.name=test_efficientnet", "target=ab", "loss=mse", "data.train=64"]
    first = assemble(configure(*timm, "seed=3", small=False)).module.colorizer
    first.save(tmp_path / "first.ckpt")
    config = configure(*timm, f"model.encoder.weights={tmp_path}/first.ckpt", small=False)
    found = encoder_of(assemble(config).module.colorizer)
    assert all(torch.equal(value, found[name]) for name, value in encoder_of(first).items())


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_another_encoder_is_told_in_a_line(configure: Configure, earlier: TrialFolder, device: str) -> None:
    cases = {
        "model.encoder.widths=[4,6]": r"is of another encoder than plain, as configured here: .* where ",
        "task=super_resolution": r"\(4, 1, 3, 3\) where .* has \(4, 3, 3, 3\)$",
    }
    for override, message in cases.items():
        config = configure(override, f"model.encoder.weights={earlier.best}")
        with pytest.raises(UsageError, match=message):
            assemble(config, device=device)
    with pytest.raises(UsageError, match=r"model\.encoder\.weights=nowhere does not exist"):
        assemble(configure("model.encoder.weights=nowhere"), device=device)
    with pytest.raises(UsageError, match=r"model\.encoder\.weights=tests holds no checkpoint"):
        assemble(configure("model.encoder.weights=tests"), device=device)
