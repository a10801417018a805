"""Repetitions: trials that differ in nothing but the seed, as mean and standard deviation."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import NamedTuple

from huesweep.metrics.catalog import COLUMNS, objective
from huesweep.sweeps.report.contents import Trial
from huesweep.training.trial import digest


class Spread(NamedTuple):
    """Of n scores: their mean, and their standard deviation over n - 1, None for a single one."""

    mean: float
    deviation: float | None
    n: int


class Repeated(NamedTuple):
    """Finished trials of one configuration, and the spread of their test scores by metric."""

    trials: list[Trial]
    scores: dict[str, Spread]


def over_seeds(done: Sequence[Trial], metric: str) -> list[Repeated]:
    """Finished trials grouped by all but the seed; none where no group has two.

    Best first, by the mean of the score by which trials are ranked: by the best seed, more seeds would look better.
    """
    groups: dict[tuple[str, ...], list[Trial]] = {}
    for trial in done:
        words = (word for name, word in trial.words.items() if name != "seed")
        groups.setdefault((*words, digest({**trial.config, "seed": None})), []).append(trial)
    if all(len(trials) == 1 for trials in groups.values()):
        return []
    ranked = sorted(groups.values(), key=lambda trials: _objective(trials, metric), reverse=True)
    return [Repeated(trials, _spreads(trials)) for trials in ranked]


def _objective(trials: Sequence[Trial], metric: str) -> float:
    value = mean(objective(trial.result, metric) for trial in trials if trial.result is not None)
    return value if value == value else float("-inf")


def _spreads(trials: Sequence[Trial]) -> dict[str, Spread]:
    tests = [trial.result["test"] for trial in trials if trial.result is not None]
    spreads = {}
    for metric in COLUMNS:
        found = [test[metric] for test in tests if test.get(metric) is not None]
        if found:
            spreads[metric] = Spread(mean(found), stdev(found) if len(found) > 1 else None, len(found))
    return spreads
