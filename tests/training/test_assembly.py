"""Assembling a trial: what it is built of, and what it costs only to look at it."""

from collections.abc import Callable
from typing import Any

import pytest

from huesweep.resources import CONF
from huesweep.training.assembly import assemble

Configure = Callable[..., dict[str, Any]]
MODELS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))


@pytest.mark.parametrize("model", MODELS)
def test_looking_at_a_trial_draws_no_weights(configure: Configure, model: str) -> None:
    size = "data.size=8" if model.startswith("rutgers") else "data.size=32"
    network = assemble(configure(f"model={model}", size, small=False), device="meta").module.colorizer.network
    assert {parameter.device.type for parameter in network.parameters()} == {"meta"}
    real = assemble(configure(f"model={model}", size, small=False)).module.colorizer.network
    assert {name: value.shape for name, value in network.state_dict().items()} == {
        name: value.shape for name, value in real.state_dict().items()
    }


@pytest.mark.parametrize("encoder", sorted(path.stem for path in (CONF / "model" / "encoder").glob("*.yaml")))
def test_every_encoder_can_be_looked_at(configure: Configure, encoder: str) -> None:
    decoder = "fully_connected" if encoder == "identity" else "unet"
    choices = [f"model/encoder={encoder}", f"model/decoder={decoder}", "data.size=8"]
    network = assemble(configure(*choices, small=False), device="meta").module.colorizer.network
    assert all(parameter.is_meta for parameter in network.parameters())


def test_a_description_names_no_weights_to_fetch(configure: Configure) -> None:
    config = configure("model/encoder=timm", small=False)
    config["model"]["encoder"]["pretrained"] = True
    description = assemble(config, device="meta").module.colorizer.description
    assert description["model"]["encoder"]["options"]["pretrained"] is False
    assert "palette" not in description["target"]["options"]
