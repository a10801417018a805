"""List models, encoders and decoders with their costs: python -m src.models [size=64] [inputs=3] [outputs=313]."""

from collections.abc import Sequence

import torch
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass
from rich.table import Table

from huesweep.configuration import options_of
from huesweep.io.terminal import plain_table, table_console
from huesweep.ranges import Count
from huesweep.registry import CHECKS
from huesweep.training.model_survey import Entry, names, survey_decoder, survey_encoder, survey_model


@dataclass(frozen=True, config=CHECKS)
class ModelsOptions:
    """conf/models.yaml."""

    size: Count
    inputs: Count
    outputs: Count


@torch.no_grad()
def main(config: DictConfig) -> list[list[Entry]]:
    """Print three tables."""
    options = options_of(ModelsOptions, config)
    torch.manual_seed(0)
    size, inputs, outputs = options.size, options.inputs, options.outputs
    surveys = {
        f"models: {inputs} to {outputs} channels, {size}x{size}": [
            survey_model(name, size, inputs, outputs) for name in names("model")
        ],
        f"encoders alone: {inputs} channels, {size}x{size}; the field is that of the coarsest map": [
            survey_encoder(name, size, inputs) for name in names("model/encoder")
        ],
        "decoders, under the encoder plain or the first that they fit; the field is that of both": [
            survey_decoder(name, size, inputs) for name in names("model/decoder")
        ],
    }
    for title, entries in surveys.items():
        table_console().print(as_table(title, entries))
    return list(surveys.values())


def as_table(title: str, entries: Sequence[Entry]) -> Table:
    columns = {"name": False, "parameters": True, "multiply-adds": True, "field": True, "source": False}
    rows = []
    for name, parameters, multiply_adds, field, about in entries:
        shown = "all" if field is None else str(field)
        rows.append((name, f"{parameters:,}", f"{multiply_adds / 1e6:,.1f} M", shown, about))
    return plain_table(columns, rows, title, wraps_last=True)
