"""Trials that differ in the seed alone, taken together: mean, spread, and which can't be told from the best."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import inf, isfinite, sqrt
from statistics import mean, stdev
from typing import Any, NamedTuple

from huesweep.metrics.catalog import objective
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import WORDS
from huesweep.training.identity import but_for_starts, config_hash

SURE = 0.95  # of sweeps in which nothing is called better by chance
BEST, LEADS, TIED, BEHIND = "best", "leads", "too close to call", "behind"
UNKNOWN, WITHOUT = "one seed", "no score"


class Mean(float):
    """A mean, with the standard deviation over n - 1 that it was taken over; None for a single value."""

    deviation: float | None

    def __new__(cls, values: Sequence[float]) -> "Mean":
        """The mean of one value or more."""
        found = super().__new__(cls, mean(values))
        found.deviation = stdev(values) if len(values) > 1 else None
        return found


class Standing(NamedTuple):
    """A configuration: the places of its trials among the results, and the scores that these have, higher is better.

    copies: places of trials that others of these repeat to the letter, and tell nothing more.
    """

    places: list[int]
    scores: list[float]
    copies: Sequence[int] = ()

    @property
    def mean(self) -> float:
        """Over the seeds; minus infinity without a score."""
        return mean(self.scores) if self.scores else -inf


def standings(results: Sequence[Result], metric: str) -> list[Standing]:
    """Configurations by the mean of the score that ranks their trials, best first.

    By the best seed, more seeds would look better; so would one seed in two folders, of which the first counts.
    results: of trials that can be compared.
    """
    found: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for place, result in enumerate(results):
        same = f"{result.get('seed')} {config_hash(result.get('config', {}))}"
        found.setdefault(but_for_the_seed(result), {}).setdefault(same, []).append(place)
    stood = [_standing(list(trials.values()), results, metric) for trials in found.values()]
    return sorted(stood, key=lambda standing: standing.mean, reverse=True)


def _standing(trials: Sequence[Sequence[int]], results: Sequence[Result], metric: str) -> Standing:
    """Of a configuration. trials: of each the places of the results that are of it."""
    scores = [objective(results[place], metric) for place, *_ in trials]
    copies = [place for _, *others in trials for place in others]
    return Standing([place for place, *_ in trials], list(filter(isfinite, scores)), copies)


def but_for_the_seed(result: Result) -> tuple[str, ...]:
    """What trials that only differ in their seeds have in common."""
    words = (str(result.get(word, "")) for word in ("sweep", *WORDS))
    return (*words, seedless(result.get("config", {})))


def seedless(config: Mapping[str, Any]) -> str:
    """Names what configurations that differ in their seeds alone have in common."""
    return config_hash({**but_for_starts(config), "seed": None})


def are_repeated(found: Sequence[Standing]) -> bool:
    """Whether any configuration ran with several seeds."""
    return any(len(standing.places) > 1 for standing in found)


def chance_of(found: Sequence[Standing]) -> Callable[[Standing, Standing], float | None]:
    """Gives by how much two configurations' means may differ by chance; None where one of them has a single seed.

    By Tukey's range test, for means of unequal numbers of seeds as Kramer (1956) has it: where no configuration is
    better than any other, some two means differ by more in one sweep of twenty, however many there are. found: all of
    them; the spread over seeds is taken to be the same for all, so that few seeds of many tell it well.
    """
    repeated = [standing.scores for standing in found if len(standing.scores) > 1]
    freedom = sum(len(scores) - 1 for scores in repeated)
    squares = sum((score - mean(scores)) ** 2 for scores in repeated for score in scores)

    def chance(one: Standing, other: Standing) -> float | None:
        if min(len(one.scores), len(other.scores)) < 2:
            return None
        error = sqrt(squares / freedom * (1 / len(one.scores) + 1 / len(other.scores)))
        return _range(len(repeated), freedom) * error

    return chance


@cache
def _range(means: int, freedom: int) -> float:
    """How many standard errors of a difference so many means span by chance at most, at SURE."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(SURE, means, freedom)) / sqrt(2)


def compared(found: Sequence[Standing]) -> list[str]:
    """How each configuration stands beside the best, the first one.

    It is behind where their means are further apart than chance explains, see chance_of, and too close to call where
    they are not; a single seed tells nothing. The first one leads, and is the best where all others are behind.
    """
    if not found:
        return []
    chance = chance_of(found)
    told = [_beside(found[0], other, chance(found[0], other)) for other in found[1:]]
    first = BEST if {*told} <= {BEHIND, WITHOUT} else LEADS
    return [first if found[0].scores else WITHOUT, *told]


def _beside(best: Standing, other: Standing, chance: float | None) -> str:
    if chance is None:
        return UNKNOWN if other.scores else WITHOUT
    return BEHIND if best.mean - other.mean > chance else TIED
