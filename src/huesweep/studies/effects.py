"""What a study's choices are worth: main effects and interactions of the factors of its trials, as tables."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np

from huesweep.io.tables import as_markdown_table
from huesweep.metrics.catalog import as_text, margin_as_text
from huesweep.studies.study import Row
from huesweep.sweeps.report.drawing_factors import by_number
from huesweep.sweeps.report.effects import Factor, fit_effects, interactions
from huesweep.sweeps.table import heading

Factors = Mapping[str, Callable[[Row], str]]  # by name, how a row tells its value
LEAST_SHARE = 0.002  # of the variance: weaker interactions are left out


def colors_of(row: Row) -> str:
    """How many colors a row's palette has."""
    found = re.search(r"\d+", row["target"])
    return found[0] if found else row["target"]


def space_of(row: Row) -> str:
    """The space of a row's palette: `rgb` or `ab`."""
    return "ab" if row["target"].endswith("ab") else "rgb"


def named(name: str) -> Callable[[Row], str]:
    """The value that a row has under a name."""
    return lambda row: str(row[name])


def effects(rows: Sequence[Row], factors: Factors, score: str) -> list[Factor]:
    """The main effects on a score of test pictures. rows: of trials, one each."""
    return fit_effects(_values(rows, factors), np.array([row[score] for row in rows], dtype=float))


def effects_table(rows: Sequence[Row], factors: Factors, scores: Sequence[str]) -> str:
    """A Markdown table with a row for each value of each factor: the mean of scores with it, all else being equal."""
    found = {score: effects(rows, factors, score) for score in scores}
    cells = []
    for place, factor in enumerate(found[scores[0]]):
        for level in sorted(factor.levels, key=lambda level: by_number(level.name)):
            means = [
                next(other for other in found[score][place].levels if other.name == level.name) for score in scores
            ]
            texts = [_with_margin(score, one.mean, one.margin) for score, one in zip(scores, means, strict=True)]
            cells.append([factor.name, level.name, str(level.trials), *texts])
    table = as_markdown_table(["factor", "value", "trials", *map(heading, scores)], cells)
    return f"Mean scores with each value, all else being equal, and 95 % intervals:\n\n{table}"


def interactions_table(rows: Sequence[Row], factors: Factors, score: str) -> str:
    """A Markdown table of what each two factors do together beyond what each does alone, if the grid is whole."""
    values = _values(rows, factors)
    met = Counter(zip(*values.values(), strict=True))
    if len(met) != prod(len(set(found)) for found in values.values()) or len(set(met.values())) != 1:
        return "What factors do together is told once every trial of the grid has finished.\n"
    found = interactions(values, np.array([row[score] for row in rows], dtype=float))
    cells = [
        [
            " × ".join(one.factors),
            f"{one.share:.1%}",
            str(one.cells),
            " and ".join(one.strongest),
            _with_margin(score, one.deviation, one.margin),
        ]
        for one in found
        if one.share >= LEAST_SHARE
    ]
    if not cells:
        return f"No two factors together explain {LEAST_SHARE:.1%} of the variance of {heading(score)}.\n"
    headings = ["factors", "share of the variance", "cells", "strongest", f"{heading(score)} beyond their sum"]
    about = "What two factors do together beyond their sum, in the cell where that is most"
    interval = "The 95 % interval allows for that cell being the largest of all"
    return f"{about}. {interval}:\n\n{as_markdown_table(headings, cells)}"


def best_value(factor: Factor) -> str:
    """The value of a factor with the highest mean."""
    return max(factor.levels, key=lambda level: level.mean).name


def _values(rows: Sequence[Row], factors: Factors) -> dict[str, list[str]]:
    values = {name: [value_of(row) for row in rows] for name, value_of in factors.items()}
    return {name: found for name, found in values.items() if len(set(found)) > 1}


def _with_margin(score: str, value: float, margin: float | None) -> str:
    return as_text(score, value) + (f" ± {margin_as_text(score, margin)}" if margin is not None else "")
