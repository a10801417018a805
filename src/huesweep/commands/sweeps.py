"""How far a sweep is: python -m src.sweeps status FOLDER."""

import time
from collections import Counter
from pathlib import Path

from rich.table import Table

from huesweep.errors import UsageError
from huesweep.io.terminal import table_console
from huesweep.sweeps.manifest import STATES, Manifest
from huesweep.sweeps.watch import clock

USAGE = "usage: python -m src.sweeps status FOLDER"


def main(arguments: list[str]) -> None:
    """Print how many trials are in which state, those at work or in trouble, the rate and the time left.

    Raises UsageError for other arguments and for a folder without a sweep.
    """
    if len(arguments) != 2 or arguments[0] != "status":
        raise UsageError(USAGE)
    folder = Path(arguments[1])
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    manifest = Manifest(folder)
    trials = manifest.progress()
    counts = Counter(trial.state for trial in trials)
    counts["queued"] += manifest.total() - len(trials)
    print(f"{folder}: {manifest.total()} trials: " + ", ".join(f"{counts[s]} {s}" for s in STATES if counts[s]))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trial", "state", "epoch", "why"):
        table.add_column(heading, no_wrap=heading != "why")
    for trial in trials:
        if trial.state in ("running", "interrupted", "failed"):
            error = folder / trial.name / "error.txt"
            why = error.read_text().partition("\n")[0] if trial.state == "failed" else ""
            table.add_row(trial.name, trial.state, f"{trial.epoch}/{trial.epochs}" if trial.epochs else "", why)
    if table.row_count:
        table_console().print(table)
    done = [(folder / trial.name / "result.json").stat().st_mtime for trial in trials if trial.state == "done"]
    since = [moment for moment in done if moment >= manifest.started()]
    waiting = counts["queued"] + counts["running"] + counts["interrupted"]
    if since and waiting:
        passed = (time.time() if counts["running"] else max(since)) - manifest.started()
        left = passed / len(since) * waiting
        print(f"{len(since) / passed * 60:.2f} trials a minute since the last start; {clock(left)} left at this rate")
