"""Encoders, decoders and models as conf/ describes them, for tests of what it offers."""

from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir

from huesweep.configuration import describe_model, plain
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.registry import build
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra


def choices(group: str) -> list[str]:
    """The names that a folder of conf/ offers."""
    return sorted(path.stem for path in Path(CONF, group).glob("*.yaml"))


@cache
def model_description(*overrides: str) -> dict[str, Any]:
    """The part `model` of a composed trial. Not to be changed."""
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        return describe_model(plain(compose("train", list(overrides)))["model"])


def make_encoder(name: str, inputs: int, *overrides: str) -> Encoder:
    description = model_description(f"model/encoder={name}", *overrides)["encoder"]
    return build(Encoder, description, "model.encoder", inputs)


def make_decoder(name: str, encoder: Encoder, *overrides: str) -> Decoder:
    description = model_description(f"model/decoder={name}", *overrides)["decoder"]
    return build(Decoder, description, "model.decoder", encoder.specs)
