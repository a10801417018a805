"""What decided: the mean score of every value of every swept factor, all else being equal, with its interval."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from huesweep.metrics.catalog import ranking_scores
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import ABSENT, WORDS, as_typed, option_values, swept_options

LEVELS = 12  # values of a factor at most: one that takes more, as a search's learning rate, is left out
FACTORS = 8
CONFIDENCE = 0.95
CLOSE = 1e-8


class Level(NamedTuple):
    """A value of a factor, the mean score with it, half of its interval where there is one, and how many trials."""

    name: str
    mean: float
    margin: float | None
    trials: int


class Factor(NamedTuple):
    """What was swept over, by the name of its column, and its values.

    is_apart: whether its effect can be told from those of the others; the means are plain ones where it can't.
    """

    name: str
    levels: list[Level]
    is_apart: bool = True


def factors_of(results: Sequence[Result], also: Collection[str] = ()) -> dict[str, list[str]]:
    """What differs between trials, by the names of columns, and the value in each trial.

    also: options that are known to have been swept over; see swept_options.
    """
    configs = [result.get("config", {}) for result in results]
    swept = swept_options(configs, also)
    options = [option_values(config, swept) for config in configs]
    found = {word: [str(result[word]) for result in results] for word in (*WORDS, "seed")}
    found |= {short: [as_typed(values.get(short, ABSENT)) for values in options] for short in swept.values()}
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def main_effects(
    results: Sequence[Result], metric: str, also: Collection[str] = ()
) -> tuple[list[Factor], Mapping[str, int]]:
    """The factors of trials that can be compared, by the score that ranks, and of those left out how many values.

    A linear model of main effects alone is fitted by least squares; a level's mean is what it says with the other
    factors at all of their values alike, which in a whole grid is the plain mean. The margin is that of Student's t.
    """
    scores = [ranking_scores(result).get(metric) for result in results]
    known = [place for place, score in enumerate(scores) if score is not None]
    found = factors_of([results[place] for place in known], also)
    counts = {name: len(set(values)) for name, values in found.items()}
    kept = [name for name in found if counts[name] <= min(LEVELS, len(known) - 1)][:FACTORS]
    left_out = {name: count for name, count in counts.items() if name not in kept}
    chosen = np.array([scores[place] for place in known], dtype=float)
    return fit_effects({name: found[name] for name in kept}, chosen), left_out


def fit_effects(found: Mapping[str, Sequence[str]], scores: np.ndarray) -> list[Factor]:
    """The main effects on scores, (N,), of factors by name, with the value that each trial has of them."""
    if not found:
        return []
    levels = {name: list(dict.fromkeys(values)) for name, values in found.items()}
    design = np.hstack([np.ones((len(scores), 1)), *(_indicators(found[name], levels[name]) for name in found)])
    return _fit(design, scores, levels)


class Interaction(NamedTuple):
    """What two factors do together beyond what each does alone.

    share: of the variance of the scores. strongest: the values whose trials are farthest from what the main effects say
    of them, and by how much, with half of the interval of that, which is one for the farthest of all their cells.
    """

    factors: tuple[str, str]
    cells: int
    share: float
    strongest: tuple[str, str]
    deviation: float
    margin: float | None


def interactions(found: Mapping[str, Sequence[str]], scores: np.ndarray) -> list[Interaction]:
    """The interaction of each two factors, the strongest first.

    As fit_effects, of a whole grid, in which all values meet alike often.
    The margin is that of Student's t on what is left of the scores when all factors' cells, two by two, are known,
    by Bonferroni for all deviations of a pair at once: the one that is told was chosen for being the largest.
    """
    total = float(((scores - scores.mean()) ** 2).sum()) or 1.0
    sizes = {name: len(set(values)) for name, values in found.items()}
    pairs = list(combinations(found, 2))
    explained = scores.mean() + sum(_deviations([values], scores) for values in found.values())
    together = {pair: _deviations([found[name] for name in pair], scores) for pair in pairs}
    left = scores - explained - sum(together.values())
    used = 1 + sum(size - 1 for size in sizes.values()) + sum((sizes[a] - 1) * (sizes[b] - 1) for a, b in pairs)
    freedom = len(scores) - used
    residual = float((left**2).sum()) / freedom if freedom > 0 else math.nan
    made = []
    for pair, deviations in together.items():
        strongest = int(np.abs(deviations).argmax())
        pair_sizes = [sizes[name] for name in pair]
        cells = math.prod(pair_sizes)
        share_of_cell = math.prod(size - 1 for size in pair_sizes) / len(scores)
        apart = math.prod(size for size in pair_sizes if size > 2)  # of two values, one deviates as the other, negated
        error = math.sqrt(residual * share_of_cell) if freedom > 0 and cells > 1 else None
        margin = student_t(freedom, apart) * error if error is not None else None
        values = (found[pair[0]][strongest], found[pair[1]][strongest])
        share = float((deviations**2).sum()) / total
        made.append(Interaction(pair, cells, share, values, float(deviations[strongest]), margin))
    return sorted(made, key=lambda interaction: -interaction.share)


def _deviations(factors: Sequence[Sequence[str]], scores: np.ndarray) -> np.ndarray:
    """For each trial, what the mean score of the cell that it is in adds to what fewer of the factors say. (N,)."""
    means = _means_of_cells(list(zip(*factors, strict=True)), scores) - scores.mean()
    return means - sum(_deviations([values], scores) for values in factors) if len(factors) > 1 else means


def _means_of_cells(cells: Sequence[object], scores: np.ndarray) -> np.ndarray:
    """For each trial, the mean score of those in its cell. (N,)."""
    _, places = np.unique([repr(cell) for cell in cells], return_inverse=True)
    return (np.bincount(places, scores) / np.bincount(places))[places]


def _indicators(values: Sequence[str], levels: Sequence[str]) -> np.ndarray:
    """(N, levels), one where a trial has a level."""
    place = {level: number for number, level in enumerate(levels)}
    return np.eye(len(levels))[[place[value] for value in values]]


def _fit(design: np.ndarray, scores: np.ndarray, levels: Mapping[str, list[str]]) -> list[Factor]:
    """design: (N, 1 + all levels), the first column ones. scores: (N,)."""
    solution, _, rank, _ = np.linalg.lstsq(design, scores, rcond=None)
    freedom = len(scores) - int(rank)
    residual = float(((scores - design @ solution) ** 2).sum()) / freedom if freedom else math.nan
    inverse = np.linalg.pinv(design.T @ design)
    usual = np.concatenate([[1.0], *(np.full(len(names), 1 / len(names)) for names in levels.values())])
    factors, start = [], 1
    for name, names in levels.items():
        found, is_apart = [], True
        for number, level in enumerate(names):
            at = usual.copy()
            at[start : start + len(names)] = 0.0
            at[start + number] = 1.0
            with_it = scores[design[:, start + number] == 1]
            if np.abs(at @ inverse @ design.T @ design - at).max() > CLOSE * len(scores):
                found.append(Level(level, float(with_it.mean()), None, len(with_it)))  # always beside another's value
                is_apart = False
                continue
            margin = student_t(freedom) * math.sqrt(residual * float(at @ inverse @ at)) if freedom else None
            found.append(Level(level, float(at @ solution), margin, len(with_it)))
        factors.append(Factor(name, found, is_apart))
        start += len(names)
    return factors


@cache
def student_t(freedom: int, intervals: int = 1) -> float:
    """How many standard errors to either side hold CONFIDENCE of Student's t distribution of so many degrees.

    intervals: how many are to hold at once, by Bonferroni's inequality.
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - (1 - CONFIDENCE) / (2 * intervals)))
