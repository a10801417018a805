"""The tables of a sweep's page: ranking, means over seeds, failures, configuration."""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from huesweep.metrics.catalog import CATALOG
from huesweep.sweeps.repetitions import Mean
from huesweep.sweeps.report.columns import Column, column_of
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.links import address
from huesweep.sweeps.report.times import Times, times_of
from huesweep.sweeps.report.trials import KNOWN_BY, Trial, compare_configs
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import ABSENT, WORDS
from huesweep.sweeps.table import Row, cell_text, columns_of, heading, mean_rows, options_in, table_rows
from huesweep.training.folder import TrialFolder

OF_MEANS = ("seeds", "mean", "deviation", "standing")  # columns of a table that there are only where seeds are repeated
LAST = ("seed", "parameters", "epochs", "seconds")  # columns to the right of the scores
ERROR_CHARACTERS = 6_000  # of a failed trial's message that are shown


class Cell(NamedTuple):
    """What a cell shows, for a number that it stands for, by what it is sorted, and whether no trial is better.

    spread: what is shown behind the text, a deviation. address: where the text leads.
    """

    text: str
    number: float | None = None
    is_best: bool = False
    spread: str = ""
    address: str = ""


class Line(NamedTuple):
    """A row. trial: the rank of the trial that it is of, if it is of one. kind: its class in the style sheet."""

    cells: Sequence[Cell]
    trial: int | None = None
    kind: str = ""


class Table(NamedTuple):
    """A table that sorts by its headings.

    sorted_by: the heading by which its lines come. about: which pictures it is of, where there is a table of others.
    """

    name: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    sorted_by: str = ""
    about: str = ""

    @property
    def legend(self) -> list[tuple[str, str]]:
        """What the columns are, by heading."""
        return [(column.heading, column.about) for column in self.columns if column.about]


def compose_rankings(groups: Sequence[Group], metric: str, page: Path, also: Collection[str] = ()) -> list[Table]:
    """The ranked tables with their baselines, one for each group of trials that can be compared.

    also: options that are known to have been swept over; see swept_options. page: the folder in which the page will
    lie; what a trial is called leads from there to its own.
    """
    rows = table_rows([result for group in groups for result in group.results], metric, also)
    tables = []
    for group in groups:
        of_group = [row for row in rows if row.get("pictures", "") == group.about]
        for row, label in zip(of_group, group.labels, strict=False):
            row["trial"] = label
        named = [] if _are_told_apart_by_words(group.results) else ["trial"]
        times = times_of(group.results)
        of_group = [{name: row[name] for name in row if name not in OF_MEANS} for row in of_group]
        table = _table("Ranked trials", of_group, metric, times, group.about, named, group.first)
        tables.append(table._replace(lines=_linked(table, group, page)))
    return tables


def compose_means(groups: Sequence[Group], metric: str, also: Collection[str] = ()) -> list[Table]:
    """The ranked tables of configurations, in means over their seeds; none where every configuration ran once.

    also: options that are known to have been swept over; see swept_options.
    """
    failed = [trial.config for group in groups for trial in group.trials if trial.state == "failed"]
    rows = mean_rows([result for group in groups for result in group.results], metric, also, failed)
    tables = []
    for group in groups:
        if of_group := [row for row in rows if row.get("pictures", "") == group.about]:
            tables.append(_table("Means over seeds", of_group, metric, times_of(group.results), group.about))
    return tables


def _table(
    name: str,
    rows: Sequence[Row],
    metric: str,
    times: Times,
    about: str,
    named: Sequence[str] = (),
    first: int | None = None,
) -> Table:
    """Rows as a table of the page.

    times: of the trials. named: columns between the rank and the words. first: number of the first trial.
    """
    rank, *others = columns_of(rows)
    alike = [name for name in ("seed", "seeds") if len({row.get(name) for row in rows if row["rank"]}) == 1]
    others = [name for name in others if name not in alike]  # the head of the page tells the seeds
    options = options_in(rows)
    names = [rank, *named, *_in_order(others, options, metric)]
    best = {name: _best(name, [row for row in rows if row["rank"]]) for name in names}
    lines = [
        Line(
            [_cell(name, row.get(name, ""), best[name] if row["rank"] else None) for name in names],
            trial=first + row["rank"] - 1 if first and row["rank"] else None,
            kind="" if row["rank"] else "baseline",
        )
        for row in rows
    ]
    columns = [column_of(name, options, times) for name in names]
    return Table(f"{name}: {about}" if about else name, columns, lines, sorted_by=heading("rank"), about=about)


def _linked(table: Table, group: Group, page: Path) -> list[Line]:
    """The lines of a table, whose first texts lead to the trials' folders."""
    place = next(place for place, column in enumerate(table.columns) if not column.is_number)
    lines = []
    for number, line in enumerate(table.lines):
        cells = list(line.cells)
        if line.trial is not None:
            cells[place] = cells[place]._replace(address=address(group.done[number].path, page))
        lines.append(line._replace(cells=cells))
    return lines


def _in_order(names: Sequence[str], options: Collection[str], metric: str) -> list[str]:
    """Columns as people look for them: what a trial is, what ranks it, the other scores, and what it cost."""
    ranks = f"val_{metric}" if f"val_{metric}" in names else metric
    first = [*(name for name in names if name in ("sweep", *WORDS, *options)), ranks, "standing", "seeds"]
    rest = [name for name in names if name not in (*first, *LAST)]
    return [name for name in (*first, *rest, *LAST) if name in names]


def _are_told_apart_by_words(ranked: Sequence[Result]) -> bool:
    return len({tuple(str(result.get(name)) for name in KNOWN_BY) for result in ranked}) == len(ranked)


def _best(name: str, rows: Sequence[Row]) -> float | None:
    """The best score in a column, where one direction is better and not all are alike."""
    metric = CATALOG.get(name.removeprefix("val_"))
    values = {row[name] for row in rows if isinstance(row.get(name), float)}
    if metric is None or metric.better == "neither" or len(values) < 2:
        return None
    return max(values) if metric.better == "higher" else min(values)


def _cell(name: str, value: object, best: float | None) -> Cell:
    number = float(value) if isinstance(value, int | float) else None
    is_best = number is not None and number == best
    if isinstance(value, Mean) and value.deviation is not None:
        return Cell(cell_text(name, float(value)), number, is_best, f" ± {cell_text(name, value.deviation)}")
    return Cell(cell_text(name, value), number, is_best, "")


def compose_failures(trials: Sequence[Trial]) -> dict[str, list[tuple[str, str]]]:
    """Why trials failed, and how far the unfinished ones are, by name; nothing where all have finished."""
    failed = [(trial.name, _shortened(trial.error)) for trial in trials if trial.state == "failed"]
    unfinished = [(trial.name, _progress(trial)) for trial in trials if trial.state == "unfinished"]
    return {"failed": failed, "unfinished": unfinished} if failed or unfinished else {}


def _shortened(error: str) -> str:
    if len(error) <= ERROR_CHARACTERS:
        return error
    half = ERROR_CHARACTERS // 2  # a traceback's last lines say as much as the message at its top
    return f"{error[:half]}\n… {len(error) - 2 * half} characters left out …\n{error[-half:]}"


def _progress(trial: Trial) -> str:
    if not trial.path.exists():
        return "queued"
    epochs = int(trial.rows[-1]["epoch"]) if trial.rows else 0
    planned = trial.config.get("trainer", {}).get("max_epochs", "?")
    is_running = TrialFolder(trial.path).is_locked()
    return f"{epochs} of {planned} epochs, {'running' if is_running else 'not running on this machine'}"


class Configuration(NamedTuple):
    """The options that so many trials share, and a table of those in which they differ."""

    trials: int
    common: Mapping[str, str]
    differing: Table


def compose_configuration(trials: Sequence[Trial], labels: Sequence[str]) -> Configuration | None:
    """What the configurations share, and what differs; None where none is known."""
    known = [(trial, label) for trial, label in zip(trials, labels, strict=True) if trial.config]
    if not known:
        return None
    common, differing = compare_configs([trial.config for trial, _ in known])
    names = list(differing[0])
    lines = [
        Line([Cell(label), Cell(trial.state), *(_option(options[name]) for name in names)])
        for (trial, label), options in zip(known, differing, strict=True)
    ]
    columns = [Column("trial"), Column("state"), *map(Column, names)]
    return Configuration(len(known), common, Table("Options that differ", columns, lines))


def _option(value: str) -> Cell:
    try:
        number = float(value)
    except ValueError:
        return Cell("" if value == ABSENT else value)
    return Cell(value, number if math.isfinite(number) else None)
