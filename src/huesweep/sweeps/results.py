"""The results of a sweep's finished trials, read and ranked."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huesweep.errors import UsageError
from huesweep.metrics.catalog import RANKING, check_metric, objective
from huesweep.training.trial import TrialFolder

Result = dict[str, Any]


def read_results(folder: Path) -> list[Result]:
    """The results of all finished trials directly below `folder`, or of `folder` itself, in the order of their names.

    Raises UsageError where there are none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    folders = (
        [folder] if TrialFolder(folder).result.exists() else sorted(path for path in folder.iterdir() if path.is_dir())
    )
    found = [(path, TrialFolder(path).read_result()) for path in folders]
    results = [{**result, "folder": str(path)} for path, result in found if result is not None]
    if not results:
        raise UsageError(f"{folder} holds no finished trial (no result.json): point at a trial's or a sweep's folder")
    return results


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
