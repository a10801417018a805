"""A network from its plain description."""

from collections.abc import Mapping
from typing import Any

from huesweep.errors import UsageError, shortened
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.models.network import Network
from huesweep.registry import build, call

WEIGHTLESS = {"pretrained": False, "weights": None}  # options of encoders: what they start from is no part of them


def build_network(description: Mapping[str, Any], inputs: int, channels: int) -> Network:
    """The network of a description: `encoder` and `decoder`, a kind and its options each, and the network's `options`.

    inputs: channels of the picture that goes in; channels: outputs a pixel. Raises UsageError for what can't work.
    """
    encoder = build(Encoder, description["encoder"], "model.encoder", inputs)
    stride = description["options"].get("stride", 1)
    if isinstance(stride, bool) or not isinstance(stride, int) or stride < 1:
        raise UsageError(f"model.stride={shortened(stride)} must be a whole number of 1 or more")
    if any(spec.stride % stride for spec in encoder.specs):
        strides = [spec.stride for spec in encoder.specs]
        raise UsageError(f"model.stride={stride} must divide the strides of the encoder's maps, {strides}")
    specs = [spec._replace(stride=spec.stride // stride) for spec in encoder.specs]
    decoder = build(Decoder, description["decoder"], "model.decoder", specs)
    return call(Network, description["options"], "model", encoder, decoder, inputs, channels)


def weightless(encoder: Mapping[str, Any]) -> dict[str, Any]:
    """An encoder's description without what it starts from, nor what an encoder within it does."""
    options = {
        name: weightless(value) if isinstance(value, Mapping) and "kind" in value else WEIGHTLESS.get(name, value)
        for name, value in encoder["options"].items()
    }
    return {**encoder, "options": options}
