"""What each block of Kamtziridis (2022) changes: scores against the base network, and what the networks cost."""

import math
from collections.abc import Sequence
from pathlib import Path

from huesweep.configuration import describe_model
from huesweep.io.atomic import write_text_atomically
from huesweep.io.tables import as_csv, as_markdown_table
from huesweep.metrics.catalog import as_text
from huesweep.studies.study import Row
from huesweep.studies.tables import grouped, read_rows
from huesweep.sweeps.results import Result
from huesweep.training.model_survey import costs_of

BASE = "-upsample"  # what the name of the base network ends in: the shortest such name
SCORE = "psnr"
NETWORKS = "networks.csv"
SIDE, INPUTS, OUTPUTS = 32, 1, 2  # of CIFAR-10's pictures; gray in, ab out


def answer(rows: Sequence[Row]) -> str:
    """How far each variant is from the base network, in psnr, with the standard error of that over seeds."""
    found = {row["model"]: row for row in grouped([row for row in rows if "seed" in row])}
    base = min((name for name in found if name.endswith(BASE)), key=len, default=None)
    if base is None or len(found) < 2:
        return ""
    at = found[base].get(SCORE) or 0
    shifts = sorted((((row.get(SCORE) or 0) - at, name) for name, row in found.items() if name != base), reverse=True)
    errors = {name: _error(found[name], found[base]) for _, name in shifts}
    told = [f"`{_short(name, base)}` {shift:+.2f}{errors[name]}" for shift, name in shifts]
    explained = " (± one standard error)" if any(errors.values()) else ""
    return f"Against the base network's psnr of {as_text(SCORE, at)}: {', '.join(told)} dB{explained}.\n"


def _short(name: str, base: str) -> str:
    """What a variant's name says beyond the base's."""
    words = [word for word in name.split("-") if word not in base.split("-")]
    return "-".join(words) or name


def _error(one: Row, other: Row) -> str:
    """The standard error of the difference of two means over seeds, in text; nothing where one seed can't tell."""
    if any(row[SCORE].deviation is None for row in (one, other)):
        return ""
    return f" ± {math.sqrt(sum(row[SCORE].deviation ** 2 / row['n'] for row in (one, other))):.2f}"


def gather(results: Sequence[Result], folder: Path) -> None:
    """Keep what each network costs, and how far it sees."""
    models = {result["model"]: result["config"]["model"] for result in results}
    rows = []
    for name, configured in sorted(models.items()):
        parameters, multiply_adds, field = costs_of(describe_model(configured), SIDE, INPUTS, OUTPUTS)
        rows.append({"model": name, "parameters": parameters, "multiply_adds": multiply_adds, "field": field or ""})
    write_text_atomically(folder / NETWORKS, as_csv(rows))


def further(folder: Path) -> str:
    """A table of what is kept of the networks."""
    rows = read_rows(folder / NETWORKS)
    if not rows:
        return ""
    headings = ["model", "parameters", "multiply-adds", "receptive field, pixels"]
    cells = [
        [row["model"], f"{row['parameters']:,}", f"{row['multiply_adds']:,}", str(row.get("field", "all"))]
        for row in rows
    ]
    return f"What the networks cost for a picture of {SIDE}×{SIDE}:\n\n{as_markdown_table(headings, cells)}"
