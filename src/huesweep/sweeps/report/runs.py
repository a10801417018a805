"""Telling trials' runs in wandb what a report says of them."""

from typing import Any

from huesweep.errors import UsageError
from huesweep.io.terminal import remark
from huesweep.sweeps.report.contents import Report
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.table import table_rows
from huesweep.training.finished_run import LaterOptions, has_run, log_later


def trials_with_runs(of: Report) -> list[Trial]:
    """The finished trials that have a run in wandb. Raises UsageError where there are none."""
    found = [trial for trial in of.trials[: len(of.ranked)] if has_run(trial.path)]
    if not found:
        raise UsageError(f"wandb: no finished trial of {of.name} has a run in wandb: they were trained without")
    return found


def log_report(of: Report, options: LaterOptions) -> int:
    """Add a trial's rank, and how its configuration stands, to the summary of its run; gives to how many.

    Raises as log_later does.
    """
    trials = trials_with_runs(of)
    rows = {row["folder"]: row for row in table_rows(of.ranked, of.metric, of.swept) if row["rank"]}
    for trial in trials:
        log_later(trial.path, options, _summary(rows[str(trial.path)], len(rows), of.metric), {})
    if len(trials) < len(rows):
        remark(f"without a run in wandb, and so not told: {len(rows) - len(trials)} trials")
    return len(trials)


def _summary(row: dict[str, Any], trials: int, metric: str) -> dict[str, Any]:
    told: dict[str, Any] = {"rank": row["rank"], "trials": trials, "metric": metric}
    told |= {name: row[name] for name in ("seeds", "mean", "deviation", "standing") if row.get(name) not in (None, "")}
    return {f"report/{name}": value for name, value in told.items()}
