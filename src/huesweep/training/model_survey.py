"""Every model, encoder and decoder of conf/, with what it costs and how far it sees."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from hydra import compose
from torch import Tensor, nn

from huesweep.configuration import describe_model, plain
from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.models.network import count_parameters
from huesweep.models.survey import count_multiply_adds, in_64_bits, receptive_field
from huesweep.registry import build
from huesweep.resources import CONF

PARTNERS = ("plain", "yeung", "identity")  # encoders under which a decoder is looked at: the first that it fits


class Entry(NamedTuple):
    """A line of the listing. field: receptive field in pixels, None for the whole picture.

    parameters: all of them, as multiply_adds are of all. trained: those that training changes.
    """

    name: str
    parameters: int
    multiply_adds: int
    field: int | None
    about: str
    trained: int


def names(group: str) -> list[str]:
    """The choices of a configuration group."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def described(size: int, *choices: str) -> dict[str, Any]:
    """The description of a model, as composed for pictures of a size."""
    return describe_model(plain(compose("train", overrides=[f"data.size={size}", *choices]))["model"])


def survey_model(name: str, size: int, inputs: int, outputs: int) -> Entry:
    description = described(size, f"model={name}", f"target.colors={outputs}")
    with torch.device("meta"):
        trained = count_parameters(build_network(description, inputs, outputs))
    return Entry(name, *costs_of(description, size, inputs, outputs), comment(f"model/{name}"), trained)


def costs_of(description: Mapping[str, Any], size: int, inputs: int, outputs: int) -> tuple[int, int, int | None]:
    """Parameters, multiply-adds for a picture of a size, and receptive field of the network that is described.

    The field is None for the whole picture.
    """
    with torch.device("meta"):
        network = build_network(description, inputs, outputs)
        costs = count_multiply_adds(network, torch.zeros(1, inputs, size, size))
    if network.side:
        return count_parameters(network, frozen=True), costs, None
    real = build_network(description, inputs, outputs)
    field = receptive_field(in_64_bits(real), inputs, _coarsest(real.encoder))
    return count_parameters(network, frozen=True), costs, field


def survey_encoder(name: str, size: int, inputs: int) -> Entry:
    encoder = build(Encoder, described(size, f"model/encoder={name}")["encoder"], "model.encoder", inputs)
    precise = in_64_bits(encoder)
    field = receptive_field(lambda x: precise(x)[-1], inputs, _coarsest(encoder))
    costs = count_multiply_adds(encoder, torch.zeros(1, inputs, size, size))
    return _entry(f"model/encoder/{name}", encoder, costs, field)


def survey_decoder(name: str, size: int, inputs: int) -> Entry:
    """Parameters and multiply-adds are the decoder's alone; the field is of both together."""
    for partner in PARTNERS:
        description = described(size, f"model/encoder={partner}", f"model/decoder={name}")
        try:
            with torch.device("meta"):
                whole = _Joined(description, inputs)
        except UsageError:
            continue
        picture = torch.zeros(1, inputs, size, size, device="meta")
        costs = count_multiply_adds(whole, picture) - count_multiply_adds(whole.encoder, picture)
        field = None
        if not whole.decoder.side:
            real = _Joined(description, inputs)
            field = receptive_field(in_64_bits(real), inputs, _coarsest(real.encoder))
        return _entry(f"model/decoder/{name}", whole.decoder, costs, field)
    raise UsageError(f"decoder {name} fits none of the encoders {', '.join(PARTNERS)}")


class _Joined(nn.Module):
    def __init__(self, description: Mapping[str, Any], inputs: int) -> None:
        super().__init__()
        self.encoder = build(Encoder, description["encoder"], "model.encoder", inputs)
        self.decoder = build(Decoder, description["decoder"], "model.decoder", self.encoder.specs)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x), x.shape[-2:])


def _entry(path: str, module: nn.Module, costs: int, field: int | None) -> Entry:
    parameters = count_parameters(module, frozen=True)
    return Entry(Path(path).name, parameters, costs, field, comment(path), count_parameters(module))


def _coarsest(encoder: Encoder) -> int:
    return max(spec.stride for spec in encoder.specs)


def comment(path: str) -> str:
    """What a choice says of itself: the first line of its file."""
    return (CONF / f"{path}.yaml").read_text().splitlines()[0].removeprefix("# ")
