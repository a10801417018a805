"""The report on a sweep: its ranked table in the terminal and in files, and a page that needs nothing beside itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from huesweep.errors import UsageError, printable
from huesweep.io.atomic import write_text_atomically
from huesweep.io.disk import CLOSED, disk_error
from huesweep.io.leftovers import remove_leftovers
from huesweep.io.tables import as_csv, as_markdown_text
from huesweep.io.terminal import remark
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import own_metric, pictures_that_rank, rank
from huesweep.sweeps.report.contents import Report, read_report
from huesweep.sweeps.report.render import render
from huesweep.sweeps.report.verdict import verdicts
from huesweep.sweeps.results import Result, read_results
from huesweep.sweeps.table import Row, as_markdown, mean_rows, print_table, table_rows, tell_apart
from huesweep.training.made_from import changed_since


def report(folder: Path, metric: str | None, console: Console, out: Path | None = None) -> list[Path]:
    """Print the ranked table of a sweep, write results.csv, results.md and report.html, and give their paths.

    metric: by which trials are ranked; None is the sweep's own. out: where files go, if not into `folder`. While no
    trial has finished there is only the page, of those that run or failed. Raises UsageError where there are no trials
    at all, and for a metric that none has, and where the disk is full.
    """
    return publish(read_sweep(folder, metric, out), console)


def read_sweep(folder: Path, metric: str | None, out: Path | None = None) -> Report:
    """What report prints and writes; raises as report does."""
    if metric is not None:
        check_metric(metric)
    results = finished(folder)
    metric = metric or own_metric(folder, results)
    return read_report(folder, rank(results, metric) if results else [], metric, out)


def publish(of: Report, console: Console, *, must_write: bool = False) -> list[Path]:
    """Print the tables, write them and the page beside each other, and give their paths; raises as write does."""
    texts = tabulate(of, console) if of.ranked else {}
    return write(of.page, {**texts, "report.html": render(of)}, must=must_write)


def finished(folder: Path) -> list[Result]:
    """The results of a sweep's finished trials; where there is none yet, that is told.

    Raises UsageError where there are no trials at all.
    """
    try:
        return read_results(folder)
    except UsageError:
        if not folder.is_dir() or not Manifest(folder).names():
            raise
        print(printable(f"{folder}: no trial has finished yet"))
        return []


def tabulate(of: Report, console: Console) -> dict[str, str]:
    """Print the ranked tables and the verdict, and give the tables as texts by the names of their files.

    Where seeds were repeated, a row of what is printed is a configuration.
    """
    title = str(of.folder or of.name)
    rows = table_rows(of.ranked, of.metric, of.swept)
    failed = [trial.config for trial in of.trials if trial.state == "failed"]
    means = mean_rows(of.ranked, of.metric, of.swept, failed)
    apart = tell_apart(of.ranked, of.swept)
    if apart:
        remark(apart)
    repeated = {row.get("pictures") for row in means}
    single = [row for row in rows if row.get("pictures") not in repeated]
    _print(means, f"{title}: test scores, means over seeds ± standard deviation, ranked by the mean", of, console)
    _print(single, f"{title}: test scores, ranked by", of, console)
    states = Counter(trial.state for trial in of.trials if trial.state != "done")
    if states:
        left_out = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        console.print(f"not in the table, of {len(of.trials)} trials: {left_out}", markup=False, highlight=False)
    if changed := changed_since(of.ranked):
        remark(
            f"since some of these were trained, {', '.join(changed)} changed: their scores are of what was there before"
        )
    for told in verdicts(of.groups, of.metric):
        console.print(printable(told), soft_wrap=True, markup=False, highlight=False)
    parts = [as_markdown_text(apart) + "\n" if apart else "", *(as_markdown(part) for part in (means, rows) if part)]
    return {"results.csv": as_csv(rows), "results.md": "\n".join(filter(None, parts))}


def _print(rows: Sequence[Row], title: str, of: Report, console: Console) -> None:
    if rows:
        print_table(rows, f"{title} {of.metric} on the {pictures_that_rank(of.ranked)}", console, of.metric)


def write(folder: Path, texts: Mapping[str, str], *, must: bool = False) -> list[Path]:
    """Write texts by the names of their files, and give the paths.

    A folder that can't be written to, as that of somebody else, gets none, which is told. Raises UsageError where the
    disk is full, and where a folder that `must` can't be written to.
    """
    remove_leftovers(folder, is_meant=lambda name: name in texts)
    written = []
    for name, text in texts.items():
        try:
            write_text_atomically(folder / name, text)
        except OSError as error:
            told = disk_error(error)
            if told is None or must or error.errno not in CLOSED:
                raise told or error from None
            remark(f"shown here alone: {folder} can't be written ({error.strerror})")
            break
        written.append(folder / name)
    return written
