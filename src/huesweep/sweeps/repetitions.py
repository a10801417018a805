"""Trials that differ in the seed alone, taken together: mean, spread, and which can't be told from the best."""

from collections.abc import Sequence
from math import inf, isfinite, sqrt
from statistics import mean, stdev
from typing import NamedTuple

from huesweep.metrics.catalog import objective
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import WORDS
from huesweep.training.identity import but_for_starts, config_hash

SURE = 2.0  # standard errors between two means
BEST, LEADS, TIED, BEHIND = "best", "leads", "too close to call", "behind"
UNKNOWN, WITHOUT = "one seed", "no score"


class Mean(float):
    """A mean, with the standard deviation over n - 1 that it was taken over; None for a single value."""

    deviation: float | None

    def __new__(cls, values: Sequence[float]) -> "Mean":
        """Of one value or more."""
        found = super().__new__(cls, mean(values))
        found.deviation = stdev(values) if len(values) > 1 else None
        return found


class Standing(NamedTuple):
    """A configuration: the places of its trials among the results, and the scores that these have, higher is better."""

    places: list[int]
    scores: list[float]

    @property
    def mean(self) -> float:
        """Over the seeds; minus infinity without a score."""
        return mean(self.scores) if self.scores else -inf

    @property
    def error(self) -> float | None:
        """The standard error of the mean; None for a single seed."""
        return stdev(self.scores) / sqrt(len(self.scores)) if len(self.scores) > 1 else None


def standings(results: Sequence[Result], metric: str) -> list[Standing]:
    """Configurations by the mean of the score that ranks their trials, best first.

    By the best seed, more seeds would look better. results: of trials that can be compared.
    """
    found: dict[tuple[str, ...], Standing] = {}
    for place, result in enumerate(results):
        standing = found.setdefault(but_for_the_seed(result), Standing([], []))
        standing.places.append(place)
        standing.scores.extend(filter(isfinite, [objective(result, metric)]))
    return sorted(found.values(), key=lambda standing: standing.mean, reverse=True)


def but_for_the_seed(result: Result) -> tuple[str, ...]:
    """What trials that only differ in their seeds have in common."""
    words = (str(result.get(word, "")) for word in ("sweep", *WORDS))
    return (*words, config_hash({**but_for_starts(result.get("config", {})), "seed": None}))


def are_repeated(found: Sequence[Standing]) -> bool:
    """Whether any configuration ran with several seeds."""
    return any(len(standing.places) > 1 for standing in found)


def error_between(best: Standing, other: Standing) -> float | None:
    """The standard error of the difference of two means; None where one of them has a single seed."""
    return None if best.error is None or other.error is None else sqrt(best.error**2 + other.error**2)


def compared(found: Sequence[Standing]) -> list[str]:
    """How each configuration stands beside the best, the first one.

    It is behind where their means are more than SURE standard errors of their difference apart, and too close to call
    where they are not; a single seed tells nothing. The first one leads, and is the best where all others are behind.
    """
    if not found:
        return []
    told = [_beside(found[0], other) for other in found[1:]]
    first = BEST if {*told} <= {BEHIND, WITHOUT} else LEADS
    return [first if found[0].scores else WITHOUT, *told]


def _beside(best: Standing, other: Standing) -> str:
    error = error_between(best, other)
    if error is None:
        return UNKNOWN if other.scores else WITHOUT
    return BEHIND if best.mean - other.mean > SURE * error else TIED
