"""What a sweep came to, in words: the best configuration, by how much, and whether more seeds could change that."""

from collections.abc import Sequence

from huesweep.metrics.catalog import LOWER_IS_BETTER, as_text
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.repetitions import TIED, Standing, chance_of, compared, seedless, standings
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.results import Result


def verdict(group: Group, metric: str) -> str:
    """A sentence on the trials of a group that have finished; empty where none has the score by which they rank."""
    found = [standing for standing in standings(group.results, metric) if standing.scores]
    if not found:
        return ""
    best, *others = found
    seeds = f", mean of {len(best.scores)} seeds," if len(best.scores) > 1 else ""
    if failed := _failed(group, best):
        seeds = f", mean of {len(best.scores)} of {len(best.places) + failed} seeds, as others failed,"
    where = f" of {group.about}" if group.about else ""
    score = -best.mean if metric in LOWER_IS_BETTER else best.mean
    told = f"Best{where}: {name_standing(group, best)}, {metric} {as_text(metric, score)}{seeds} on the "
    told += f"{pictures_that_rank(group.results)}.{_against_gray(group.results[best.places[0]], best, metric)}"
    if not others:
        return told
    chance = chance_of(found)(best, others[0])
    tied = compared(found)[2:].count(TIED)  # beside the one that is named
    further = f" {tied} more can't be told from it." if tied else ""
    lead = _lead(best, others[0], chance, name_standing(group, others[0]), metric)
    return f"{told} {lead}{further}"


def _against_gray(result: Result, best: Standing, metric: str) -> str:
    """A sentence where leaving pictures gray scores better than the best does."""
    rows = result.get("baselines", {})
    gray = ((rows.get("validation") if result["validation"] else rows.get("test")) or {}).get("gray") or {}
    score = gray.get(metric)
    if score is None or best.mean >= (-score if metric in LOWER_IS_BETTER else score):
        return ""
    return f" That is worse than leaving them gray, {as_text(metric, score)}: train for longer, or on more pictures."


def _failed(group: Group, standing: Standing) -> int:
    """How many trials of a configuration failed."""
    wanted = seedless(group.results[standing.places[0]].get("config", {}))
    return sum(trial.state == "failed" and seedless(trial.config) == wanted for trial in group.trials)


def _lead(best: Standing, other: Standing, chance: float | None, name: str, metric: str) -> str:
    ahead = best.mean - other.mean
    by = f"{as_text(metric, ahead)} from {name}"
    if chance is None:
        which = "with one seed" if len(best.scores) == 1 else "which has one seed"
        return f"It is {by}, {which}: whether that is chance, seed=0,1,2 tells."
    if ahead > chance:
        return f"It is {by}, more than the {as_text(metric, chance)} that chance explains."
    return f"Too close to call: it is {by}, and chance explains {as_text(metric, chance)}."


def name_standing(group: Group, standing: Standing) -> str:
    """What a configuration is called: as its first trial, without the seed."""
    trial, label = group.done[standing.places[0]], group.labels[standing.places[0]]
    words = trial.words
    return " ".join(label.replace(f"seed {words['seed']}", "").split()) or words["model"]


def verdicts(groups: Sequence[Group], metric: str) -> list[str]:
    """One for each group of trials that can be compared, as far as there is something to say."""
    return [told for group in groups if (told := verdict(group, metric))]
