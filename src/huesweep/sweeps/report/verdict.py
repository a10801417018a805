"""What a sweep came to, in words: the best configuration, by how much, and whether more seeds could change that."""

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import mean, variance
from typing import NamedTuple

from huesweep.metrics.catalog import LOWER_IS_BETTER, as_text, objective
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.trials import Trial, but_for_the_seed

SURE = 2.0  # standard errors between two means


class Standing(NamedTuple):
    """A configuration, by whatever it is told apart, and the scores of its seeds, the higher the better."""

    label: str
    scores: list[float]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return mean(self.scores)

    @property
    def error(self) -> float | None:
        """The standard error of the mean; None for a single seed."""
        return sqrt(variance(self.scores) / len(self.scores)) if len(self.scores) > 1 else None


def verdict(group: Group, metric: str) -> str:
    """A sentence on the trials of a group that have finished; empty where none has the score by which they rank."""
    standings = _standings(group, metric)
    if not standings:
        return ""
    best, *others = standings
    seeds = f", mean of {len(best.scores)} seeds," if len(best.scores) > 1 else ""
    where = f" of {group.about}" if group.about else ""
    told = f"Best{where}: {best.label}, {metric} {_shown(best.mean, metric)}{seeds} on the "
    told += pictures_that_rank(group.results)
    return f"{told}. {_lead(best, others[0], metric)}" if others else f"{told}."


def _lead(best: Standing, second: Standing, metric: str) -> str:
    ahead = best.mean - second.mean
    by = f"{as_text(metric, ahead)} from {second.label}"
    if best.error is None or second.error is None:
        return f"It is {by}, with one seed: whether that is chance, seed=0,1,2 tells."
    error = sqrt(best.error**2 + second.error**2)
    if ahead > SURE * error:
        return f"It is {by}, {'more than' if error else 'without a spread, above'} {SURE:g} standard errors: sure."
    return f"Too close to call: it is {by}, and a standard error is {as_text(metric, error)}."


def _standings(group: Group, metric: str) -> list[Standing]:
    found: dict[tuple[str, ...], tuple[str, list[float]]] = {}
    for trial, label in zip(group.trials, group.labels, strict=True):
        score = objective(trial.result, metric) if trial.result is not None else float("nan")
        if isfinite(score):
            found.setdefault(but_for_the_seed(trial), (_without_seed(trial, label), []))[1].append(score)
    return sorted((Standing(*one) for one in found.values()), key=lambda one: one.mean, reverse=True)


def _without_seed(trial: Trial, label: str) -> str:
    words = trial.words
    short = label.replace(f"seed {words.get('seed', '')}", "").strip()
    return short or words.get("model", label)


def _shown(score: float, metric: str) -> str:
    return as_text(metric, -score if metric in LOWER_IS_BETTER else score)


def verdicts(groups: Sequence[Group], metric: str) -> list[str]:
    """One for each group of trials that can be compared, as far as there is something to say."""
    return [told for group in groups if (told := verdict(group, metric))]
