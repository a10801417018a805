"""The order of a sweep's trials: by which score, and on which pictures."""

import math
from collections.abc import Sequence
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.metrics.catalog import CEILING, RANKING, check_metric, objective, ranking_scores
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.results import Result

SCORED = {"validation", "test"}  # splits
USUAL = "psnr"  # ranks trials that belong to no sweep


def own_metric(folder: Path, results: Sequence[Result]) -> str:
    """The score by which a sweep ranks: what its last start said, or else what all of its trials say.

    results: of its finished trials, of which some must have it.
    """
    said = {str(result.get("config", {}).get("sweep", {}).get("rank")) for result in results}
    for name in (Manifest(folder).rank(), said.pop() if len(said) == 1 else ""):
        if name in RANKING and (not results or any(name in ranking_scores(result) for result in results)):
            return name
    return USUAL


def rank(results: Sequence[Result], metric: str) -> list[Result]:
    """Results, best first, by a metric on the validation pictures (on the test pictures where there are none of those).

    Those that can't be compared come one after the other, as comparable gives them, each ranked in itself. Those
    without the score come last. Raises UsageError for another metric, and for one that no result has.
    """
    check_metric(metric)
    known = [name for name in RANKING if not all(math.isnan(objective(result, name)) for result in results)]
    if results and metric not in known:
        raise UsageError(
            f"no finished trial has a score in {metric}: rank by one of those that they have: {', '.join(known)}"
        )
    groups = comparable(results)
    return [result for group in groups for result in sorted(group, key=lambda one: _order(one, metric), reverse=True)]


def _order(result: Result, metric: str) -> float:
    return _last_if_nan(objective(result, metric))


def _last_if_nan(score: float) -> float:
    return -math.inf if math.isnan(score) else score


def pictures_that_rank(results: Sequence[Result]) -> str:
    """Whose scores rank the results: validation pictures, test pictures, or both where some trials lack the former."""
    kinds = ("validation" if result["validation"] else "test" for result in results)
    return " or ".join(sorted(set(kinds), reverse=True)) + " pictures"


def comparable(results: Sequence[Result]) -> list[list[Result]]:
    """Results by the pictures that they were scored on: scores of one group compare, those of two groups don't.

    The largest group first; in each the results keep their order. Pictures are the same where there are as many, as far
    as results tell, and where the task's own rows, which need no network, score the same on them.
    """
    groups: list[list[Result]] = []
    for result in results:
        found = next((group for group in groups if _on_the_same_pictures(group[0], result)), None)
        if found is None:
            groups.append([result])
        else:
            found.append(result)
    return sorted(groups, key=len, reverse=True)


def _on_the_same_pictures(one: Result, other: Result) -> bool:
    if (one["data"], one["task"]) != (other["data"], other["task"]):
        return False
    ours, theirs = _of_pictures(one), _of_pictures(other)
    if {split for split, *_ in ours} != {split for split, *_ in theirs}:
        return False
    many, others = one.get("pictures", {}), other.get("pictures", {})
    if any(many[split] != others[split] for split in SCORED & many.keys() & others.keys()):
        return False
    return all(_is_close(ours[name], theirs[name]) for name in ours.keys() & theirs.keys())


def _of_pictures(result: Result) -> dict[tuple[str, str, str], float | None]:
    """What the pictures alone say: the scores of the task's own rows."""
    return {
        (split, name, metric): score
        for split, rows in result["baselines"].items()
        for name, scores in rows.items()
        if name != CEILING
        for metric, score in scores.items()
    }


def _is_close(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-6)
