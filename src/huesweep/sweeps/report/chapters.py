"""The chapters of a sweep's page that are tables: ranking, repetitions, failures, configuration."""

import math
from collections.abc import Sequence
from html import escape

from huesweep.metrics.catalog import COLUMNS, LOWER_IS_BETTER
from huesweep.sweeps.report.contents import ABSENT, Trial, compare_configs
from huesweep.sweeps.report.markup import Cell, Column, Line, as_table
from huesweep.sweeps.report.seeds import Spread, over_seeds
from huesweep.sweeps.results import Result
from huesweep.sweeps.table import NUMBERS, WORDS, cell_text, columns_of, heading, table_rows
from huesweep.training.trial import TrialFolder

ERROR_CHARACTERS = 6_000  # of a failed trial's message that are shown


def compose_ranking(ranked: Sequence[Result], labels: Sequence[str], metric: str) -> str:
    """The ranked table with its baselines. labels: of the results, and maybe more."""
    rows = table_rows(ranked, metric)
    for row, label in zip(rows, labels, strict=False):
        row["trial"] = label
    rank, *others = columns_of(rows)
    names = [rank, *([] if _are_told_apart_by_words(ranked) else ["trial"]), *others]
    lowest_first = (*WORDS, *NUMBERS, "rank", "trial", *LOWER_IS_BETTER)
    columns = [
        Column(heading(name), name not in (*WORDS, "trial"), name.removeprefix("val_") not in lowest_first)
        for name in names
    ]
    lines = [
        Line([_cell(name, row.get(name, "")) for name in names], kind="baseline" if row["rank"] == "" else "")
        for row in rows
    ]
    note = (
        '<p class="note">Test scores. Rows without a rank need no network: what costs nothing, and the best that a '
        "target could show. A click on a heading sorts.</p>"
    )
    return note + as_table("Ranked trials", columns, lines, sorted_by=heading("rank"))


def _are_told_apart_by_words(ranked: Sequence[Result]) -> bool:
    return len({tuple(str(result[name]) for name in (*WORDS, "seed")) for result in ranked}) == len(ranked)


def _cell(name: str, value: object) -> Cell:
    number = float(value) if isinstance(value, int | float) else None
    return Cell(cell_text(name, value), number)


def compose_repetitions(done: Sequence[Trial], labels: Sequence[str], metric: str, split: str) -> str:
    """Means and standard deviations of test scores over the seeds; empty where every configuration ran once."""
    groups = over_seeds(done, metric)
    if not groups:
        return ""
    label_of = dict(zip((trial.path for trial in done), labels, strict=False))
    metrics = [name for name in COLUMNS if any(name in group.scores for group in groups)]
    columns = [Column("configuration"), Column("seeds", is_number=True, is_highest_first=True)]
    columns += [Column(heading(name), is_number=True, is_highest_first=name not in LOWER_IS_BETTER) for name in metrics]
    lines = []
    for group in groups:
        label = label_of[group.trials[0].path].replace(f"seed {group.trials[0].words['seed']}", "").strip()
        label = label or group.trials[0].words["model"]
        cells = [Cell(label), Cell(str(len(group.trials)), float(len(group.trials)))]
        lines.append(Line([*cells, *(_spread_cell(name, group.scores.get(name)) for name in metrics)]))
    note = (
        '<p class="note">Trials that differ in the seed alone: mean ± standard deviation (over n − 1) of test scores, '
        f"ranked by their mean {escape(metric)} on the {escape(split)}.</p>"
    )
    return note + as_table("Means over seeds", columns, lines)


def _spread_cell(name: str, spread: Spread | None) -> Cell:
    if spread is None:
        return Cell("")
    deviation = "" if spread.deviation is None else f" ± {cell_text(name, float(spread.deviation))}"
    return Cell(cell_text(name, float(spread.mean)) + deviation, float(spread.mean))


def compose_failures(trials: Sequence[Trial]) -> str:
    """Why trials failed, and how far the unfinished ones are."""
    failed = [
        f"<li><code>{escape(trial.name)}</code><pre>{escape(_shortened(trial.error))}</pre></li>"
        for trial in trials
        if trial.state == "failed"
    ]
    unfinished = [
        f"<li><code>{escape(trial.name)}</code> {escape(_progress(trial))}</li>"
        for trial in trials
        if trial.state == "unfinished"
    ]
    html = f'<h3>Failed</h3><ul class="plain">{"".join(failed)}</ul>' if failed else ""
    return html + (f'<h3>Unfinished</h3><ul class="plain">{"".join(unfinished)}</ul>' if unfinished else "")


def _shortened(error: str) -> str:
    if len(error) <= ERROR_CHARACTERS:
        return error
    half = ERROR_CHARACTERS // 2  # a traceback's last lines say as much as the message at its top
    return f"{error[:half]}\n… {len(error) - 2 * half} characters left out …\n{error[-half:]}"


def _progress(trial: Trial) -> str:
    epochs = int(trial.rows[-1]["epoch"]) if trial.rows else 0
    planned = trial.config.get("trainer", {}).get("max_epochs", "?")
    if not trial.path.exists():
        return "queued"
    is_running = TrialFolder(trial.path).is_locked()
    return f"{epochs} of {planned} epochs, {'running' if is_running else 'not running on this machine'}"


def compose_configuration(trials: Sequence[Trial], labels: Sequence[str]) -> str:
    """What the configurations share, and a table of what differs."""
    known = [(trial, label) for trial, label in zip(trials, labels, strict=True) if trial.config]
    if not known:
        return ""
    common, differing = compare_configs([trial.config for trial, _ in known])
    shared = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in common.items()
    )
    html = (
        f"<details><summary>The same in all {len(known)} trials: {len(common)} options</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Common options"><table class="options">{shared}'
        "</table></div></details>"
    )
    names = list(differing[0])
    if not names:
        return html
    lines = [
        Line([Cell(label), Cell(trial.state), *(_option(options[name]) for name in names)])
        for (trial, label), options in zip(known, differing, strict=True)
    ]
    columns = [Column("trial"), Column("state"), *(Column(name) for name in names)]
    table = as_table("Options that differ", columns, lines)
    return f"{html}<details><summary>What differs: {len(names)} options</summary>{table}</details>"


def _option(value: str) -> Cell:
    try:
        number = float(value)
    except ValueError:
        return Cell("" if value == ABSENT else value)
    return Cell(value, number if math.isfinite(number) else None)
