"""What a page says above its tables and figures: what was trained on what, how much of it, and what came out."""

from collections.abc import Sequence
from datetime import datetime

from huesweep.errors import printable
from huesweep.metrics.catalog import BETTER, CATALOG, as_text, ranking_scores
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.results import Result

MOST_VALUES = 6  # of epochs or seeds that are listed


def best_of(group: Group, metric: str) -> tuple[str, str, str]:
    """Which pictures, the label of the best trial on them, and its scores."""
    result = group.results[0]
    return group.about, group.labels[0], ranking_score(result, metric) + _test_score(result, metric)


def facts_of(ranked: Sequence[Result]) -> list[str]:
    """What trials were trained and scored on, as far as it is the same for all of them, and when."""
    told = []
    for what in ("data", "task"):
        told.append(", ".join(dict.fromkeys(str(result[what]) for result in ranked)))
    counts = [result.get("pictures") for result in ranked]
    if counts and counts[0] and all(count == counts[0] for count in counts):
        told += [f"{count:,} {split} pictures" for split, count in counts[0].items()]
    for what in ("epochs", "seed"):
        values = sorted({result[what] for result in ranked if isinstance(result.get(what), int)})
        told += [f"{what} {', '.join(map(str, values))}"] if 0 < len(values) <= MOST_VALUES else []
    days = sorted({_day(result["ended"]) for result in ranked if result.get("ended")})
    told += [" to ".join(dict.fromkeys([days[0], days[-1]]))] if days else []
    return [printable(fact) for fact in told if fact]


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment):%Y-%m-%d}"


def made_now() -> str:
    """The time, as people write it."""
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"


def counts_of(trials: Sequence[Trial]) -> list[tuple[str, str]]:
    """How many trials are in which state."""
    states = [trial.state for trial in trials]
    return [(str(states.count(state)), state) for state in ("done", "failed", "unfinished")]


def explain_ranking(ranked: Sequence[Result], metric: str) -> str:
    """By what, and on which pictures, trials are ranked; nothing where there are none."""
    if not ranked:
        return ""
    pictures = pictures_that_rank(ranked)
    order = f"Ranked by {metric} on the {pictures}, {BETTER[CATALOG[metric].better]}."
    if pictures == "validation pictures":
        return f"{order} The tables show scores on the test pictures, which take no part in the ranking."
    return f"{order} Trials without validation pictures are ranked by the test pictures: the best score flatters."


def ranking_score(result: Result, metric: str) -> str:
    """The score that ranks a trial, behind a comma; empty where there is none."""
    score = ranking_scores(result).get(metric)
    split = "validation" if result["validation"] else "test"
    return "" if score is None else f", {split} {metric} {as_text(metric, score)}"


def _test_score(result: Result, metric: str) -> str:
    score = (result["test"] or {}).get(metric)
    gray = result["baselines"].get("test", {}).get("gray", {}).get(metric)
    shown = "" if score is None or not result["validation"] else f", test {metric} {as_text(metric, score)}"
    return shown + ("" if gray is None else f" (gray: {as_text(metric, gray)})")


def machines_of(ranked: Sequence[Result]) -> list[str]:
    """The machines that trained, with their versions, each once."""
    machines = [" · ".join(f"{name} {value}" for name, value in result.get("machine", {}).items()) for result in ranked]
    counted = {machine: machines.count(machine) for machine in machines if machine}
    return [f"{machine} ({count} trials)" if len(counted) > 1 else machine for machine, count in counted.items()]
