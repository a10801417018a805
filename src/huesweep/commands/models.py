"""List models, encoders and decoders with their costs: python -m src.models [size=64] [inputs=3] [outputs=313]."""

from collections.abc import Callable, Sequence

import torch
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass
from rich.console import Console
from rich.progress import track
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
    """Print three tables, each when it is known."""
    options = options_of(ModelsOptions, config)
    torch.manual_seed(0)
    size, inputs, outputs = options.size, options.inputs, options.outputs
    surveys: list[tuple[str, str, Callable[[str], Entry]]] = [
        (
            f"models: {inputs} to {outputs} channels, {size}x{size}",
            "model",
            lambda name: survey_model(name, size, inputs, outputs),
        ),
        (
            f"encoders alone: {inputs} channels, {size}x{size}; the field is that of the coarsest map",
            "model/encoder",
            lambda name: survey_encoder(name, size, inputs),
        ),
        (
            "decoders, under the encoder plain or the first that they fit; the field is that of both",
            "model/decoder",
            lambda name: survey_decoder(name, size, inputs),
        ),
    ]
    console = Console(stderr=True)
    found = []
    for title, group, survey in surveys:
        looked_at = track(names(group), group, console=console, transient=True, disable=not console.is_terminal)
        found.append([survey(name) for name in looked_at])
        table_console().print(as_table(title, found[-1]))
    return found


def as_table(title: str, entries: Sequence[Entry]) -> Table:
    columns = {"name": False, "parameters": True, "trained": True, "multiply-adds": True, "field": True}
    rows = []
    for name, parameters, multiply_adds, field, about, trained in entries:
        shown = "all" if field is None else str(field)
        counts = f"{parameters:,}", f"{trained:,}" if trained != parameters else "", f"{multiply_adds / 1e6:,.1f} M"
        rows.append((name, *counts, shown, about))
    return plain_table(columns | {"source": False}, rows, title, wraps_last=True)
