"""The tables of a sweep's page: ranking, repetitions, failures, configuration."""

import math
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from huesweep.metrics.catalog import CATALOG, COLUMNS, LOWER_IS_BETTER, objective
from huesweep.sweeps.report.trials import ABSENT, Trial, compare_configs
from huesweep.sweeps.results import Result
from huesweep.sweeps.table import NUMBERS, WORDS, Row, cell_text, columns_of, heading, table_rows
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash

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
    """A table that sorts by its headings. sorted_by: the heading by which its lines come."""

    name: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    sorted_by: str = ""


def compose_ranking(ranked: Sequence[Result], labels: Sequence[str], metric: str) -> Table | None:
    """The ranked table with its baselines. labels: of the results, and maybe more."""
    if not ranked:
        return None
    rows = table_rows(ranked, metric)
    for row, label in zip(rows, labels, strict=False):
        row["trial"] = label
    rank, *others = columns_of(rows)
    names = [rank, *([] if _are_told_apart_by_words(ranked) else ["trial"]), *others]
    best = {name: _best(name, rows[: len(ranked)]) for name in names}
    lines = [
        Line(
            [_cell(name, row.get(name, ""), best[name] if row["rank"] else None) for name in names],
            trial=row["rank"] or None,
            kind="" if row["rank"] else "baseline",
        )
        for row in rows
    ]
    return Table("Ranked trials", [_column(name) for name in names], lines, sorted_by=heading("rank"))


def _are_told_apart_by_words(ranked: Sequence[Result]) -> bool:
    return len({tuple(str(result[name]) for name in (*WORDS, "seed")) for result in ranked}) == len(ranked)


def _column(name: str) -> Column:
    short = name.removeprefix("val_")
    is_lowest_first = short in (*WORDS, *NUMBERS, "rank", "trial", *LOWER_IS_BETTER)
    about = f"{CATALOG[short].about}; {CATALOG[short].of}" if short in CATALOG else ""
    return Column(heading(name), name not in (*WORDS, "trial"), not is_lowest_first, about)


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


def compose_repetitions(done: Sequence[Trial], labels: Sequence[str], metric: str) -> Table | None:
    """Means and standard deviations of test scores over the seeds; None where every configuration ran once.

    Best first, by the mean of the score by which trials are ranked: by the best seed, more seeds would look better.
    """
    groups: dict[tuple[str, ...], list[Trial]] = {}
    for trial in done:
        words = (word for name, word in trial.words.items() if name != "seed")
        groups.setdefault((*words, config_hash({**trial.config, "seed": None})), []).append(trial)
    if all(len(trials) == 1 for trials in groups.values()):
        return None
    ranked = sorted(groups.values(), key=lambda trials: _objective(trials, metric), reverse=True)
    label_of = dict(zip((trial.path for trial in done), labels, strict=False))
    names = [name for name in COLUMNS if _test_scores(done, name)]
    columns = [Column("configuration"), Column("seeds", True, True), *map(_column, names)]
    lines = []
    for trials in ranked:
        label = label_of[trials[0].path].replace(f"seed {trials[0].words['seed']}", "").strip()
        cells = [Cell(label or trials[0].words["model"]), Cell(str(len(trials)), float(len(trials)))]
        lines.append(Line([*cells, *(_spread(name, _test_scores(trials, name)) for name in names)]))
    return Table("Means over seeds", columns, lines)


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
