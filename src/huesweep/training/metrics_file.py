"""Reading a trial's metrics.csv: its numbers, one row an epoch."""

import csv
from pathlib import Path

from huesweep.io.bounded import read_bounded
from huesweep.io.terminal import remark

Row = dict[str, float]
HISTORY_BYTES = 2**26
LAST_EPOCH = 10**9


def read_history(folder: Path) -> list[Row]:
    """The rows of a trial's metrics.csv; none if there is no such file.

    What is no whole row of numbers is left out, and so is what can't be read, which is told.
    """
    path = folder / "metrics.csv"
    try:
        text = read_bounded(path, HISTORY_BYTES).decode(errors="replace")
        whole = text[: text.rfind("\n") + 1]  # a last line that does not end is half of one
        table = list(csv.DictReader(whole.splitlines()))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        remark(f"passed over, {path}: {error.strerror if isinstance(error, OSError) else error}")
        return []
    rows = [row for row in map(_numbers, table) if 0 <= row.get("epoch", -1) <= LAST_EPOCH]
    if len(rows) < len(table) or len(whole) < len(text):
        remark(f"passed over, {path}: lines that are no whole row of numbers")
    return rows


def _numbers(row: dict[str, str]) -> Row:
    try:
        return {name: float(value) for name, value in row.items() if value != ""}
    except (TypeError, ValueError):
        return {}
