"""The order of a sweep's trials: by which score, and on which pictures."""

import math
from collections.abc import Sequence
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.metrics.catalog import RANKING, check_metric, objective
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.results import Result

USUAL = "psnr"  # ranks trials that belong to no sweep


def own_metric(folder: Path, results: Sequence[Result]) -> str:
    """The score by which a sweep ranks: what its last start said, or else what all of its trials say.

    results: of its finished trials.
    """
    said = {str(result.get("config", {}).get("sweep", {}).get("rank")) for result in results}
    for name in (Manifest(folder).rank(), said.pop() if len(said) == 1 else ""):
        if name in RANKING:
            return name
    return USUAL


def rank(results: Sequence[Result], metric: str) -> list[Result]:
    """Results, best first, by a metric on the validation pictures (on the test pictures where there are none of those).

    Those without the score come last. Raises UsageError for another metric, and for one that no result has.
    """
    check_metric(metric)
    scores = {name: [objective(result, name) for result in results] for name in RANKING}
    known = [name for name in RANKING if not all(map(math.isnan, scores[name]))]
    if results and metric not in known:
        raise UsageError(
            f"no finished trial has a score in {metric}: rank by one of those that they have: {', '.join(known)}"
        )
    order = sorted(range(len(results)), key=lambda place: _last_if_nan(scores[metric][place]), reverse=True)
    return [results[place] for place in order]


def _last_if_nan(score: float) -> float:
    return -math.inf if math.isnan(score) else score


def pictures_that_rank(results: Sequence[Result]) -> str:
    """Whose scores rank the results: validation pictures, test pictures, or both where some trials lack the former."""
    kinds = ("validation" if result["validation"] else "test" for result in results)
    return " or ".join(sorted(set(kinds), reverse=True)) + " pictures"
