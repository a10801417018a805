"""A study's tables: trials that differ in their seed alone are one row, with mean and deviation."""

import csv
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from huesweep.io.tables import as_markdown_table
from huesweep.metrics.catalog import CATALOG, CEILING, FREE, LOWER_IS_BETTER
from huesweep.studies.study import Row, Study
from huesweep.sweeps.repetitions import Mean
from huesweep.sweeps.table import cell_text, heading

COUNTED = ("seed", "parameters", "epochs", "seconds")
HIDDEN = ("n", "pictures", "sweep")  # columns that tables leave out


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file: numbers as numbers, nothing where a cell is empty; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: _value(text) for name, text in row.items() if text} for row in csv.DictReader(file)]


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.removeprefix("'")


def grouped(rows: Sequence[Row]) -> list[Row]:
    """Rows with those that differ in their seed alone joined: `n` of them, scores and costs as means over them.

    What needs no network has no seeds: the first such row counts.
    """
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(_about(row).items(), key=str)), []).append(row)
    joined = []
    for group in groups.values():
        counted = group if _is_trial(group[0]) else group[:1]
        scores = sorted({name for row in counted for name in row if name.removeprefix("val_") in CATALOG})
        numbers = [name for name in COUNTED[1:] if name in group[0]] + scores
        means = {name: Mean([row[name] for row in counted if name in row]) for name in numbers}
        joined.append({**_about(group[0]), "n": len(group), **means})
    return joined


def _about(row: Row) -> Row:
    """What describes a row: all but its seed, costs and scores."""
    return {name: value for name, value in row.items() if name.removeprefix("val_") not in (*CATALOG, *COUNTED)}


def mean_of(rows: Sequence[Row], score: str, **about: Any) -> float | None:
    """The mean of a score over the rows, one a trial, that have these values; None where there are none."""
    found = [row[score] for row in rows if score in row and all(row.get(name) == about[name] for name in about)]
    return fmean(found) if found else None


def tables(study: Study, rows: Sequence[Row]) -> str:
    """A study's tables in Markdown, one for each combination of `by`. rows: one a trial, and published ones."""
    joined = grouped(_of_tables(study, rows))
    compared = dict.fromkeys(tuple(row.get(name, "") for name in study.by) for row in joined if _is_trial(row))
    parts = []
    for values in sorted(compared, key=str):
        chosen = dict(zip(study.by, values, strict=True))
        inside = [row for row in joined if all(name not in row or row[name] == chosen[name] for name in study.by)]
        labels = [study.label(name, value) for name, value in chosen.items() if value != ""]
        title = ", ".join(filter(None, labels))
        parts += [f"**{title}**\n", _table(study, inside)] if title else [_table(study, inside)]
    return "\n".join(parts)


def _of_tables(study: Study, rows: Sequence[Row]) -> list[Row]:
    """Rows less those of sweeps that have tables of their own, and what needs no network on pictures of those alone."""
    rows = [row for row in rows if row.get("sweep") not in study.apart]
    pictures = {row.get("pictures") for row in rows if _is_trial(row)}
    return [row for row in rows if _is_trial(row) or row.get("pictures") in pictures]


def _is_trial(row: Row) -> bool:
    return row["model"] not in FREE


def _table(study: Study, rows: Sequence[Row]) -> str:
    ranking = _ranking(study, rows)
    seen = f"val_{ranking}" if any(f"val_{ranking}" in row for row in rows) else ranking
    rows = sorted(rows, key=lambda row: (_order(seen, row), _order(ranking, row)))
    count = sum(map(_is_trial, rows))
    left_out = count - (study.shown or count)
    if left_out > 0:
        rows = [*rows[: study.shown], *rows[count:]]
    words = [name for name in dict.fromkeys(name for row in rows for name in _about(row)) if name not in study.by]
    words = [*study.columns] or [
        name for name in words if name == "model" or (name not in HIDDEN and _varies(rows, name))
    ]
    called = _ceilings(rows, [*words, *study.by, *HIDDEN])
    scores = [name for name in study.scores if any(name in row for row in rows)]
    counts = [name for name in ("parameters", "epochs", "n") if any(row.get(name) for row in rows if _is_trial(row))]
    headings = [*(study.labels.get(name, name) for name in words), *counts, *map(heading, scores)]
    cells = [
        [
            *(
                study.label(name, called.get(id(row), row[name]) if name == "model" else row.get(name, ""))
                for name in words
            ),
            *(f"{row[name]:,.0f}" if row.get(name) and _is_trial(row) else "" for name in counts),
            *(cell_text(name, row.get(name)) for name in scores),
        ]
        for row in rows
    ]
    table = as_markdown_table(headings, cells)
    told = [f"the best {study.shown} of {count} rows"] if left_out > 0 else []
    told += ["in the order of their scores on the validation pictures"] if seen != ranking and count > 1 else []
    line = ", ".join(told)
    return f"{line[0].upper()}{line[1:]}:\n\n{table}" if line else table


def _ranking(study: Study, rows: Sequence[Row]) -> str:
    """The first of a study's ranking scores that all trials have, or else that any has; empty where none does."""
    trials = [row for row in rows if _is_trial(row)]
    shared = (score for found in (all, any) for score in study.rank if found(score in row for row in trials))
    return next(shared, "") if trials else ""


def _ceilings(rows: Sequence[Row], told: Sequence[str]) -> dict[int, str]:
    """What ceilings are called, by row: by their target or decoding, where no column tells them apart."""
    ceilings = [row for row in rows if row["model"] == CEILING]
    if len({tuple(str(row.get(name, "")) for name in told) for row in ceilings}) == len(ceilings):
        return {}
    names = [name for name in dict.fromkeys(name for row in ceilings for name in _about(row)) if name not in told]
    apart = [name for name in names if len({str(row.get(name, "")) for row in ceilings}) > 1]
    return {id(row): f"{CEILING} of {' '.join(str(row[name]) for name in apart if name in row)}" for row in ceilings}


def _varies(rows: Sequence[Row], name: str) -> bool:
    """Whether rows of trials differ in it; that only some have a note is a difference too."""
    values = [row.get(name) for row in rows if _is_trial(row)]
    return len({str(value) for value in values if name == "note" or value is not None}) > 1


def _order(ranking: str, row: Row) -> tuple[bool, float]:
    """Trials first, the best of them first; what has no such score last."""
    score = row.get(ranking)
    if score is None:
        return not _is_trial(row), float("inf")
    return not _is_trial(row), score if ranking.removeprefix("val_") in LOWER_IS_BETTER else -score
