"""The tables of a sweep's page: ranking, repetitions, failures, configuration."""

import math
from collections.abc import Collection, Mapping, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from huesweep.metrics.catalog import CATALOG, COLUMNS, LOWER_IS_BETTER, objective
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.trials import KNOWN_BY, Trial, but_for_the_seed, compare_configs
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import ABSENT, WORDS
from huesweep.sweeps.table import NUMBERS, Row, cell_text, columns_of, heading, options_in, table_rows
from huesweep.training.folder import TrialFolder

LAST = ("seed", "parameters", "epochs", "seconds")  # columns to the right of the scores
ERROR_CHARACTERS = 6_000  # of a failed trial's message that are shown


class Column(NamedTuple):
    """A heading, how its column is ordered, by what a first click puts on top, and what it is."""

    heading: str
    is_number: bool = False
    is_highest_first: bool = False
    about: str = ""


class Cell(NamedTuple):
    """What a cell shows, for a number that it stands for, by what it is sorted, and whether no trial is better."""

    text: str
    number: float | None = None
    is_best: bool = False


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


def compose_rankings(groups: Sequence[Group], metric: str, also: Collection[str] = ()) -> list[Table]:
    """The ranked tables with their baselines, one for each group of trials that can be compared.

    also: options that are known to have been swept over; see swept_options.
    """
    rows = table_rows([result for group in groups for result in group.results], metric, also)
    return [_ranking(group, [row for row in rows if row.get("pictures", "") == group.about]) for group in groups]


def _ranking(group: Group, rows: Sequence[Row]) -> Table:
    ranked = group.results
    for row, label in zip(rows, group.labels, strict=False):
        row["trial"] = label
    rank, *others = columns_of(rows)
    named = [] if _are_told_apart_by_words(ranked) else ["trial"]
    names = [rank, *named, *(name for name in others if name not in LAST), *(name for name in LAST if name in others)]
    options = options_in(rows)
    best = {name: _best(name, rows[: len(ranked)]) for name in names}
    lines = [
        Line(
            [_cell(name, row.get(name, ""), best[name] if row["rank"] else None) for name in names],
            trial=group.first + row["rank"] - 1 if row["rank"] else None,
            kind="" if row["rank"] else "baseline",
        )
        for row in rows
    ]
    name = f"Ranked trials: {group.about}" if group.about else "Ranked trials"
    return Table(name, [_column(name, options) for name in names], lines, sorted_by=heading("rank"), about=group.about)


def _are_told_apart_by_words(ranked: Sequence[Result]) -> bool:
    return len({tuple(str(result.get(name)) for name in KNOWN_BY) for result in ranked}) == len(ranked)


def _column(name: str, options: Collection[str] = ()) -> Column:
    short = name.removeprefix("val_")
    is_lowest_first = short in (*options, "sweep", *WORDS, *NUMBERS, "rank", "trial", *LOWER_IS_BETTER)
    about = f"{CATALOG[short].about}; {CATALOG[short].of}" if short in CATALOG else ""
    return Column(heading(name), name not in (*WORDS, "trial", "sweep"), not is_lowest_first, about)


def _best(name: str, rows: Sequence[Row]) -> float | None:
    """The best score in a column, where one direction is better and not all are alike."""
    metric = CATALOG.get(name.removeprefix("val_"))
    values = {row[name] for row in rows if isinstance(row.get(name), float)}
    if metric is None or metric.better == "neither" or len(values) < 2:
        return None
    return max(values) if metric.better == "higher" else min(values)


def _cell(name: str, value: object, best: float | None) -> Cell:
    number = float(value) if isinstance(value, int | float) else None
    return Cell(cell_text(name, value), number, number is not None and number == best)


def compose_repetitions(groups: Sequence[Group], metric: str) -> list[Table]:
    """Means and standard deviations of test scores over the seeds; none where every configuration ran once.

    Best first, by the mean of the score by which trials are ranked: by the best seed, more seeds would look better.
    """
    return [table for group in groups if (table := _repetitions(group, metric)) is not None]


def _repetitions(group: Group, metric: str) -> Table | None:
    done = group.done
    repeated: dict[tuple[str, ...], list[Trial]] = {}
    for trial in done:
        repeated.setdefault(but_for_the_seed(trial), []).append(trial)
    if all(len(trials) == 1 for trials in repeated.values()):
        return None
    ranked = sorted(repeated.values(), key=lambda trials: _objective(trials, metric), reverse=True)
    label_of = dict(zip((trial.path for trial in done), group.labels, strict=False))
    names = [name for name in COLUMNS if _test_scores(done, name)]
    columns = [Column("configuration"), Column("seeds", True, True), *map(_column, names)]
    lines = []
    for trials in ranked:
        label = label_of[trials[0].path].replace(f"seed {trials[0].words['seed']}", "").strip()
        cells = [Cell(label or trials[0].words["model"]), Cell(str(len(trials)), float(len(trials)))]
        lines.append(Line([*cells, *(_spread(name, _test_scores(trials, name)) for name in names)]))
    name = f"Means over seeds: {group.about}" if group.about else "Means over seeds"
    return Table(name, columns, lines, about=group.about)


def _objective(trials: Sequence[Trial], metric: str) -> float:
    value = mean(objective(trial.result, metric) for trial in trials if trial.result is not None)
    return -math.inf if math.isnan(value) else value


def _test_scores(trials: Sequence[Trial], metric: str) -> list[float]:
    scores = [(trial.result["test"] or {}).get(metric) for trial in trials if trial.result is not None]
    return [float(score) for score in scores if score is not None]


def _spread(name: str, scores: Sequence[float]) -> Cell:
    """The mean of scores, and their standard deviation over n - 1 where there are several."""
    if not scores:
        return Cell("")
    deviation = f" ± {cell_text(name, stdev(scores))}" if len(scores) > 1 else ""
    return Cell(cell_text(name, mean(scores)) + deviation, mean(scores))


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
    """Of so many trials: the options that they share, and a table of those that differ."""

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
