"""How far a sweep is: python -m src.sweeps status FOLDER."""

import time
from collections import Counter
from pathlib import Path

from huesweep.errors import UsageError, printable
from huesweep.io.terminal import plain_table, table_console
from huesweep.sweeps.manifest import STATES, Manifest
from huesweep.sweeps.monitor import clock
from huesweep.training.folder import RESULT, TrialFolder

USAGE = "usage: python -m src.sweeps status FOLDER"


def main(arguments: list[str]) -> None:
    """Print how many trials are in which state, those at work or in trouble, the rate and the time left.

    Raises UsageError for other arguments and for a folder without a sweep.
    """
    if arguments and arguments[0] in ("-h", "--help"):
        print(USAGE)
        return
    if len(arguments) != 2 or arguments[0] != "status":
        raise UsageError(USAGE)
    folder = Path(arguments[1])
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    manifest = Manifest(folder)
    trials = manifest.progress()
    counts = Counter(trial.state for trial in trials)
    counts["queued"] += manifest.total() - len(trials)
    counted = ", ".join(f"{counts[s]} {s}" for s in STATES if counts[s])
    print(printable(f"{folder}: {manifest.total()} trials: {counted}"))
    rows = [
        (state, f"{epoch}/{epochs}" if epochs else "", name)
        for name, state, epoch, epochs in trials
        if state in ("running", "interrupted", "failed")
    ]
    if rows:
        columns = dict.fromkeys(("state", "epoch", "trial"), False)
        table_console().print(plain_table(columns, rows, wraps_last=True))
    for trial in trials:
        if trial.state == "failed" and (why := TrialFolder(folder / trial.name).read_error().partition("\n")[0]):
            print(printable(f"{trial.name}: {why}"))
    done = [manifest.written_at(trial.name, RESULT) for trial in trials if trial.state == "done"]
    since = [moment for moment in done if moment >= manifest.started()]
    waiting = counts["queued"] + counts["running"] + counts["interrupted"]
    if since and waiting and manifest.started():
        passed = (time.time() if counts["running"] else max(since)) - manifest.started()
        left = passed / len(since) * waiting
        print(f"{len(since) / passed * 60:.2f} trials a minute since the last start; {clock(left)} left at this rate")
