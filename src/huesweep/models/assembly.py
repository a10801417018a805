"""A network from its plain description."""

from collections.abc import Mapping
from typing import Any

from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.models.network import Network
from huesweep.registry import build, call


def build_network(description: Mapping[str, Any], inputs: int, channels: int) -> Network:
    """The network of a description: `encoder` and `decoder`, a kind and its options each, and the network's `options`.

    inputs: channels of the picture that goes in; channels: outputs a pixel. Raises UsageError for what can't work.
    """
    encoder = build(Encoder, description["encoder"], "model.encoder", inputs)
    decoder = build(Decoder, description["decoder"], "model.decoder", encoder.specs)
    return call(Network, description["options"], "model", encoder, decoder, inputs, channels)
