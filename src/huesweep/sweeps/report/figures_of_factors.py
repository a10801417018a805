"""The figures that say what decided: each factor's effect, and the mean score by any two of them."""

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from statistics import mean
from typing import NamedTuple

from markupsafe import Markup

from huesweep.metrics.catalog import ranking_scores
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.drawing_factors import draw_effects, draw_heat
from huesweep.sweeps.report.effects import LEVELS, factors_of, main_effects
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.results import Result

CROSSED = 6  # factors at most of which each two have a figure


class Figure(NamedTuple):
    """A drawing as <svg>, and its caption. choice: what it is called among those of which one shows at a time."""

    svg: Markup
    caption: str
    choice: str = ""


def compose_factors(group: Group, metric: str, also: Collection[str] = ()) -> list[Figure]:
    """What decided among trials that can be compared: the effects first, then those of which one shows at a time.

    also: options that are known to have been swept over; see swept_options.
    """
    figures = compose_effects(group.results, metric, also, group.about)
    return with_pictures(figures + compose_heat(group.results, metric, also, group.about), group.about)


def with_pictures(figures: Sequence[Figure], about: str) -> list[Figure]:
    """Figures whose captions say which pictures they are of, where others have figures too."""
    return [figure._replace(caption=f"{about}: {figure.caption}") if about else figure for figure in figures]


def compose_effects(
    results: Sequence[Result], metric: str, also: Collection[str] = (), about: str = ""
) -> list[Figure]:
    """The main effects of what was swept over, in trials that can be compared; none where nothing was."""
    factors, left_out = main_effects(results, metric, also)
    if not factors:
        return []
    caption = (
        f"What decided: mean {metric} ({pictures_that_rank(results)}) with each value, all else being equal. Lines are "
        "95 % intervals: Student's t on the residual of a linear model of these effects alone, fitted by least squares "
        "to single trials, so that what factors do only together counts as chance."
    )
    if together := [factor.name for factor in factors if not factor.is_apart]:
        caption += (
            f" Not so for {', '.join(together)}, which change together: plain means, in which one stands for all."
        )
    if any(level.margin is None for factor in factors if factor.is_apart for level in factor.levels):
        caption += " Where no line is drawn, trials are too few for one."
    if left_out:
        named = ", ".join(f"{name} ({count} values)" for name, count in left_out.items())
        caption += f" Left out, as there are too many to show: {named}."
    return [Figure(draw_effects(factors, metric, about), caption)]


def compose_heat(results: Sequence[Result], metric: str, also: Collection[str] = (), about: str = "") -> list[Figure]:
    """The mean score by any two of the factors that take few values."""
    found = {name: values for name, values in factors_of(results, also).items() if len(set(values)) <= LEVELS}
    scores = [ranking_scores(result).get(metric) for result in results]
    figures = []
    for first, second in combinations(list(found)[:CROSSED], 2):
        cells = zip(found[first], found[second], scores, strict=True)
        means = means_by_cell((one, other, score) for one, other, score in cells if score is not None)
        if len(means) > 1:
            caption = (
                f"{metric} ({pictures_that_rank(results)}) by {first} and {second}, mean over all else. Yellow is best."
            )
            svg = draw_heat(means, metric, (first, second), about)
            figures.append(Figure(svg, caption, f"{first} and {second}"))
    return figures


def means_by_cell(scored: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """The mean of the scores of each value of one factor with each of another."""
    cells: dict[tuple[str, str], list[float]] = {}
    for one, other, score in scored:
        cells.setdefault((one, other), []).append(score)
    return {cell: mean(scores) for cell, scores in cells.items()}
