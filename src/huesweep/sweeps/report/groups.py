"""The trials on a page by what they were scored on, since scores on different pictures don't compare."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from huesweep.configuration import OF_TRAINING_PICTURES
from huesweep.sweeps.ranking import comparable
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import OF_PICTURES, as_typed, leaves, swept_options
from huesweep.sweeps.table import name_pictures
from huesweep.training.identity import identity

NOT_OF_PICTURES = tuple(f"data.{name}" for name in OF_TRAINING_PICTURES)


class Group(NamedTuple):
    """Trials that can be compared, the finished ones first, by rank, and what they are called.

    first: the number of the first one on the page. about: which pictures they are of; empty where all are of the same.
    """

    trials: list[Trial]
    labels: list[str]
    first: int = 1
    about: str = ""

    @property
    def results(self) -> list[Result]:
        """The results of the finished trials."""
        return [trial.result for trial in self.trials if trial.result is not None]

    @property
    def done(self) -> list[Trial]:
        """The finished ones."""
        return [trial for trial in self.trials if trial.result is not None]


def group_trials(trials: Sequence[Trial], labels: Sequence[str], also: Collection[str] = ()) -> list[Group]:
    """Trials, finished ones first and by rank, in the groups in which they can be compared.

    An unfinished one belongs where its configuration names the pictures; where there are several groups and none is
    its own, to none. also: options that are known to have been swept over; see swept_options.
    """
    results = [trial.result for trial in trials if trial.result is not None]
    found = comparable(results)
    if len(found) < 2:
        return [Group(list(trials), list(labels))]
    swept = swept_options([result.get("config", {}) for result in results], also)
    groups, first = [], 0
    for about, members in zip(name_pictures(found, swept), found, strict=True):
        last = first + len(members)
        of_group = {_pictures(trial.config) for trial in trials[first:last] if trial.config}
        places = [*range(first, last)]
        places += [place for place in range(len(results), len(trials)) if _pictures(trials[place].config) in of_group]
        groups.append(Group([trials[place] for place in places], [labels[place] for place in places], first + 1, about))
        first = last
    return groups


def _pictures(config: Mapping[str, Any]) -> str:
    """The options that say which pictures are scored, as one text."""
    options = leaves(identity(config)) if config else {}
    kept = {name: value for name, value in options.items() if name.startswith(OF_PICTURES)}
    return as_typed({name: value for name, value in kept.items() if name not in NOT_OF_PICTURES})
