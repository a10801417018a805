"""A network from its plain description."""

from collections.abc import Mapping
from typing import Any

from huesweep.build import build, check_options
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.models.network import Network

OPTIONS = ("centered", "head_kernel", "input_skip", "attention", "heads")  # of a model, beside encoder and decoder


def build_network(description: Mapping[str, Any], inputs: int, channels: int) -> Network:
    """The network that `description` (as in conf/model) names.

    inputs: channels of the picture that goes in; channels: outputs a pixel. Raises UsageError for what can't work.
    """
    encoder = build(description["encoder"], Encoder, "model.encoder", inputs)
    decoder = build(description["decoder"], Decoder, "model.decoder", encoder.specs)
    options = {name: description[name] for name in OPTIONS}
    check_options(Network, options, "model", given=4)
    return Network(encoder, decoder, inputs, channels, **options)
