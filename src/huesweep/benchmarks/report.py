"""Rows of a benchmark: a table on the screen, a file for machines, and whether every target was met."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch

from huesweep.io.atomic import write_text_atomically
from huesweep.io.terminal import plain_table, table_console
from huesweep.training.machine import processor_name


class Row(NamedTuple):
    """One figure. spread: half the range over repetitions. target: None where nothing is promised."""

    name: str
    value: float
    unit: str
    spread: float = 0.0
    target: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


def alternate(repetitions: int, *measures: Callable[[], float]) -> list[tuple[float, float]]:
    """Measure in turn, so that a busy machine hurts all alike. Gives each one's median and half its range."""
    found: list[list[float]] = [[] for _ in measures]
    for _ in range(repetitions):
        for values, measure in zip(found, measures, strict=True):
            values.append(measure())
    return [(statistics.median(values), (max(values) - min(values)) / 2) for values in found]


def publish(name: str, rows: Sequence[Row], folder: Path) -> bool:
    """Print the rows, write folder/<name>.json, and say whether all targets were met."""
    columns = {"what": False, "value": True, "±": True, "unit": False, "target": True, "met": False}
    cells = []
    for row in rows:
        sign = {"higher": "≥", "lower": "≤"}[row.better]
        target = "" if row.target is None else f"{sign} {row.target:g}"
        met = "" if row.target is None else ("yes" if row.met else "NO")
        spread = f"{row.spread:.2g}" if row.spread else ""
        cells.append((row.name, f"{row.value:,.4g}", spread, row.unit, target, met))
    table_console().print(plain_table(columns, cells, f"benchmark {name}"))
    content = {
        "rows": [{**row._asdict(), "met": row.met} for row in rows],
        "machine": {"processor": processor_name(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    path = folder / f"{name}.json"
    write_text_atomically(path, json.dumps(content, indent=2) + "\n")
    print(f"wrote {path}")
    return all(row.met for row in rows)
