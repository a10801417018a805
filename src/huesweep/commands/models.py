"""List models, encoders and decoders with their costs: python -m src.models [size=64] [inputs=3] [outputs=313]."""

from collections.abc import Sequence

import torch
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass
from rich.table import Table

from huesweep.configuration import options_of
from huesweep.io.terminal import table_console
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
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for heading, justify in (("name", "left"), ("parameters", "right"), ("multiply-adds", "right"), ("field", "right")):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("source")
    for entry in entries:
        field = "all" if entry.field is None else str(entry.field)
        table.add_row(entry.name, f"{entry.parameters:,}", f"{entry.multiply_adds / 1e6:,.1f} M", field, entry.about)
    return table
